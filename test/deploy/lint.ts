/** Checks the packaged template: `node test/deploy/lint.ts [template]`. Prints every problem, and the verdict last. */
import { readFileSync } from 'node:fs';
import { lint, type Template } from './template-linter.ts';

const path = process.argv[2] ?? '.serverless/cloudformation-template-update-stack.json';
const template = JSON.parse(readFileSync(path, 'utf8')) as Template;
const problems = lint(template);
for (const problem of problems) console.log(problem);
console.log(`${path}: ${Object.keys(template.Resources).length} resources, ${problems.length === 0 ? 'no problems' : `${problems.length} problems`}`);
process.exitCode = problems.length > 0 ? 1 : 0;
