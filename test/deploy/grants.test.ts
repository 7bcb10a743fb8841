/** Roles allow what a function's code reaches of the store, and no more: compared with what is bundled of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { root, usesOf } from './uses.ts';

interface StepFunctions { steps: { noun: string; name: string }[] }
interface Definition { handler: string; iamRoleStatements: string[] }

const read = (path: string): unknown => parse(readFileSync(join(root, path), 'utf8'), { logLevel: 'silent' });
const { steps } = createRequire(import.meta.url)('../../functions/steps/functions.cjs') as StepFunctions;
const needs = read('functions/steps/needs.yml') as { every: string[]; beyond: Record<string, string[]> };

describe('steps', () => {
  test.each(steps)('$name', async ({ noun, name }) => {
    const beyond = [...await usesOf(`functions/steps/${noun}.ts`)].filter((use) => !needs.every.includes(use));
    expect([...needs.beyond[name] ?? []].toSorted()).toEqual(beyond.toSorted());
  });
});

const others = ['functions/http/functions.yml', 'functions/engine/functions.yml']
  .flatMap((path) => Object.entries(read(path) as Record<string, Definition>))
  // These two work on the engine's store as a whole.
  .filter(([name]) => name !== 'advance' && name !== 'sweep');

describe('other functions', () => {
  test.each(others)('%s', async (_, { handler, iamRoleStatements }) => {
    const granted = iamRoleStatements.map((statement) => /custom\.may\.(\w+)/.exec(statement)?.[1]);
    const [file, exported] = handler.split('.');
    const uses = [...await usesOf(`${file}.ts`, exported)];
    expect(granted.toSorted()).toEqual(uses.toSorted());
  });
});
