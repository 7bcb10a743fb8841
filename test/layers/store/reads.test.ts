import dynamoose from 'dynamoose';
import { expect, test } from 'vitest';
import { getRows, type Key } from '../../../layers/store/reads.ts';

const { marshall } = dynamoose.aws.converter();
interface Asked { RequestItems: { rows: { Keys: object[] } } }

/** A table that answers the first `answers` keys of a call, and leaves the rest. */
function answering(answers: number): { calls: () => number } {
  let calls = 0;
  dynamoose.aws.ddb.set({ batchGetItem: async ({ RequestItems: { rows: { Keys } } }: Asked) => {
    calls += 1;
    return { Responses: { rows: Keys.slice(0, answers) }, UnprocessedKeys: { rows: { Keys: Keys.slice(answers) } } };
  } } as never);
  return { calls: () => calls };
}
const keys = (count: number): Key[] => Array.from({ length: count }, (_, index) => ({ id: `${index}` }));

test('rows that a busy table leaves unanswered are asked for again', async () => {
  answering(60);
  expect((await getRows('rows', keys(250))).map((row) => marshall(row))).toHaveLength(250);
});

test('a table that answers nothing is asked so often and no more', async () => {
  const { calls } = answering(0);
  await expect(getRows('rows', keys(250))).rejects.toThrow('left 250 of 250 rows unanswered');
  expect(calls()).toBe(13);
});
