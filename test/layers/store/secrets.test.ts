import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocalTables } from './local-tables.ts';

let stop: () => Promise<void>;
let secrets: typeof import('../../../layers/store/secrets.ts');

beforeAll(async () => {
  stop = await startLocalTables();
  secrets = await import('../../../layers/store/secrets.ts');
});
afterAll(() => stop());

const { promise: bothHaveRead, resolve: goOn } = Promise.withResolvers<void>();

test('of two who change a secret at once each sees what the other has written', async () => {
  await secrets.ensureSecret('c', 'list', () => []);
  let reads = 0;
  const add = (word: string) => secrets.changeSecret<string[]>('c', 'list', async (list) => {
    if (++reads === 2) goOn();
    await bothHaveRead;
    return [...list, word];
  });
  await Promise.all([add('one'), add('other')]);
  expect((await secrets.requireSecret<string[]>('c', 'list')).toSorted()).toEqual(['one', 'other']);
  // Whoever wrote second had read what was there before, and read again.
  expect(reads).toBe(3);
  await add('third');
  expect(await secrets.requireSecret('c', 'list')).toHaveLength(3);
});

test('a secret that stays as it is is not written, and one that is not there is not made', async () => {
  await secrets.ensureSecret('c', 'word', () => 'as it was');
  await secrets.changeSecret('c', 'word', async () => undefined);
  expect(await secrets.requireSecret('c', 'word')).toBe('as it was');
  await expect(secrets.changeSecret('c', 'nothing', async () => 'something')).rejects.toThrow('is missing');
  expect(await secrets.getSecret('c', 'nothing')).toBeUndefined();
});
