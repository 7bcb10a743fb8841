/** `npm run test:mutants` shows that each is caught. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { editText } from './bundle.ts';
import { mutants } from './mutants.ts';

const root = join(import.meta.dirname, '../..');

test.for(mutants)('the code still has what this takes away: $name', ({ edits }) => {
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const text = readFileSync(join(root, file), 'utf8');
    expect(editText(text, edits.filter((edit) => edit.file === file))).not.toBe(text);
  }
});
