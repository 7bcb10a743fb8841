/**
 * One conditional update decides who runs a step:
 *
 *   ready/waiting, due ──────────┐
 *   waiting, woken ──────────────┤→ running, fence + 1, lease from now
 *   running, its lease is over ──┘
 *
 * Everyone else's condition fails, and what they were told is dropped.
 */
import dynamoose from 'dynamoose';
import type { Condition } from 'dynamoose/dist/Condition.js';
import { skewMs, type StepRecord } from '../engine/ports.ts';
import { due } from './due.ts';
import { steps } from './steps.ts';

type Hint = { operationId: string; key: string; wake?: boolean };

/** The record, now ours until `leaseUntil`; undefined when there is nothing to do or someone else does it. */
export async function claim({ operationId, key, wake }: Hint, now: number, leaseUntil: number): Promise<StepRecord | undefined> {
  const startable = claimable(now, wake === true);
  return steps.update({ operationId, key }, { status: 'running', leaseUntil, startedAt: now, ...due(operationId, leaseUntil) }, startable, { fence: 1 });
}

function claimable(now: number, wake: boolean): Condition {
  const isDue = (condition: Condition) => wake
    ? condition.where('status').in(['ready', 'waiting'])
    : condition.where('status').in(['ready', 'waiting']).and().where('notBefore').le(now + skewMs);
  return new dynamoose.Condition()
    .group((group: Condition) => isDue(group))
    .or()
    .group((group: Condition) => group.where('status').eq('running').and().where('leaseUntil').lt(now - skewMs));
}
