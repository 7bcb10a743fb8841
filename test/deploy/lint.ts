/** Checks the packaged template: `node test/deploy/lint.ts [template]`. Prints every problem, and the verdict last. */
import { readFileSync } from 'node:fs';
import { lint, roomOf, type Template } from './template-linter.ts';

const path = process.argv[2] ?? '.serverless/cloudformation-template-update-stack.json';
const template = JSON.parse(readFileSync(path, 'utf8')) as Template;
const problems = lint(template);
for (const problem of problems) console.log(problem);
const { resources, room, steps } = roomOf(template);
console.log(`room for ${room} more resources of 500: some ${steps} steps`);
console.log(`${path}: ${resources} resources, ${problems.length === 0 ? 'no problems' : `${problems.length} problems`}`);
process.exitCode = problems.length > 0 ? 1 : 0;
