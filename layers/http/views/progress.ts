/** How far an operation has come, out of its records alone; what its steps started counts in. */
import type { Operation, StepRecord } from '../../engine/ports.ts';

/** An operation with its records and what they started. */
export interface Tree { operation: Operation; records: readonly StepRecord[]; parts: readonly Tree[] }

/**
 * Percent. Never goes backwards: a step counts when it is done, one that waits for parts counts as far as these are,
 * and `expected` parts are reckoned with before they have begun.
 */
export function percentOf(tree: Tree, expected = 0): number {
  if (tree.operation.status === 'succeeded') return 100;
  return Math.min(99, Math.floor(100 * shareOf(tree, expected)));
}

function shareOf({ records, parts, operation }: Tree, expected: number): number {
  if (operation.status === 'succeeded') return 1;
  let whole = 0;
  let done = 0;
  for (const { key, policy, status } of records) {
    whole += policy.weight;
    if (status === 'done') done += policy.weight;
    else done += policy.weight * shareOfParts(parts.filter((part) => part.operation.parent?.key === key), expected);
  }
  return whole === 0 ? 0 : done / whole;
}

function shareOfParts(parts: readonly Tree[], expected: number): number {
  const sum = parts.reduce((total, part) => total + shareOf(part, 0), 0);
  return parts.length === 0 ? 0 : sum / Math.max(parts.length, expected);
}
