import { describe, expect, test } from 'vitest';
import { plan } from '../../../layers/engine/plan.ts';
import type { RecordStatus, StepRecord } from '../../../layers/engine/ports.ts';
import { newOperation } from './memory-store.ts';

const record = (key: string, status: RecordStatus, needs: string[] = []): StepRecord => ({
  operationId: 'op', key, step: key, phase: 'run', title: key, position: 0, needs, status, fence: 0, attempt: 0, notBefore: 0, leaseUntil: 0, deadline: 0,
  policy: { timeoutMs: 1, attempts: 1, backoffMs: 1, weight: 1 },
});
const ready = (next: ReturnType<typeof plan>) => next.ready.map(({ key }) => key);
const going = newOperation('op', 'f');

describe('plan', () => {
  test('makes ready what needs nothing, or only what is done', () => {
    expect(ready(plan(going, [record('a', 'pending'), record('b', 'pending', ['a']), record('c', 'pending')], []))).toEqual(['a', 'c']);
    expect(ready(plan(going, [record('a', 'done'), record('b', 'pending', ['a']), record('c', 'waiting')], []))).toEqual(['b']);
  });

  test('counts what is given by another operation', () => {
    expect(ready(plan(going, [record('b', 'pending', ['a'])], []))).toEqual([]);
    expect(ready(plan(going, [record('b', 'pending', ['a'])], [record('a', 'running')]))).toEqual([]);
    expect(ready(plan(going, [record('b', 'pending', ['a'])], [record('a', 'done')]))).toEqual(['b']);
  });

  test('waits for its own step, though the operation that gives has done one of that name', () => {
    expect(ready(plan(going, [record('a', 'pending', ['z']), record('b', 'pending', ['a'])], [record('a', 'done')]))).toEqual([]);
  });

  test('ends when all is done', () => {
    expect(plan(going, [record('a', 'done'), record('b', 'done')], [])).toEqual({ ready: [], end: 'succeeded' });
  });

  test('after a failure begins nothing, and holds once nothing runs', () => {
    const failed = { ...record('a', 'failed'), failure: { code: 'c', cause: 'why', action: 'do' } };
    expect(plan(going, [failed, record('b', 'running'), record('c', 'pending')], [])).toEqual({ ready: [] });
    const hold = { code: 'c', cause: 'why', action: 'do', step: 'a' };
    expect(plan(going, [failed, record('b', 'done'), record('c', 'pending')], [])).toEqual({ ready: [], hold });
    // It may wait for an operation that waits for what failed.
    expect(plan(going, [failed, record('b', 'waiting'), record('c', 'pending')], [])).toEqual({ ready: [], hold });
  });

  test('turned round, ends once nothing runs', () => {
    const turning = newOperation('op', 'f', { status: 'turning' });
    expect(plan(turning, [record('a', 'running'), record('b', 'ready')], [])).toEqual({ ready: [] });
    expect(plan(turning, [record('a', 'ready'), record('b', 'waiting')], [])).toEqual({ ready: [], end: 'stopped' });
  });
});
