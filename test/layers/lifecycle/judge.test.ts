import { describe, expect, test } from 'vitest';
import { judge } from '../../../layers/lifecycle/judge.ts';
import { OpenStackError, type OpenStackErrorFields } from '../../../layers/openstack/error.ts';

const error = (more: Partial<OpenStackErrorFields>) => new OpenStackError({ service: 'compute', method: 'GET', path: '/servers', status: 429, type: 'OverLimit', message: 'Too many.', ...more });

describe('who is asked to wait', () => {
  test('waits, and has not failed', () => {
    expect(judge(error({ retryAfterMs: 7_000 }))).toMatchObject({ terminal: false, cost: 0, retryAfterMs: 7_000, failure: { code: 'cloud_unavailable' } });
  });

  test('by Moorage itself: the words are the same each time, and name no call', () => {
    const { failure } = judge(error({ type: 'Paced', message: 'compute is asked as much as it may be; this waits its turn', retryAfterMs: 3_000 }));
    expect(failure.cause).toBe('compute is asked as much as it may be; this waits its turn.');
  });

  test('a 503 counts as an error, since it may be one, and is obeyed', () => {
    expect(judge(error({ status: 503, retryAfterMs: 7_000 }))).toMatchObject({ cost: 1, retryAfterMs: 7_000 });
  });

  test('a quota that is spent is no rate', () => {
    expect(judge(error({ quota: true, retryAfterMs: undefined }))).toMatchObject({ cost: 15, failure: { code: 'quota_exceeded' } });
  });
});
