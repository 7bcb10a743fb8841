/** What is remembered, for how long, and what is not. */
import { expect, it } from 'vitest';
import { hashOf, Memory } from '../../../layers/http/memory.ts';

it('keeps a value for its time, or until what it is ends', () => {
  const memory = new Memory<string>(10, 60_000);
  memory.keep('one', 'kept', 1_000);
  memory.keep('other', 'ends', 1_000, 5_000);
  expect([memory.get('one', 60_999), memory.get('one', 61_000)]).toEqual(['kept', undefined]);
  expect([memory.get('other', 4_999), memory.get('other', 5_000)]).toEqual(['ends', undefined]);
});

it('holds no more than it may, and begins anew', () => {
  const memory = new Memory<number>(2, 60_000);
  for (const [index, key] of ['a', 'b', 'c'].entries()) memory.keep(key, index);
  expect(['a', 'b', 'c'].map((key) => memory.get(key))).toEqual([undefined, undefined, 2]);
});

it('does not hold the token itself', () => {
  expect(hashOf('gAAAA-secret')).not.toContain('secret');
  expect(hashOf('gAAAA-secret')).toBe(hashOf('gAAAA-secret'));
});
