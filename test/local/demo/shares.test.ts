import { describe, expect, it } from 'vitest';
import { shares } from '../../../local/demo/shares.ts';
import type { Operation, OperationStep } from '../../../schemas/generated/types.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const step = (name: string, seconds: number): OperationStep => ({ name, title: name, does: 'make', status: 'done', attempts: 0, done_at: at(seconds) });

const operation = (steps: OperationStep[], group: OperationStep[]): Operation => ({
  id: 'one', flow: 'createCluster', cluster_id: 'c', status: 'succeeded', percent: 100, created_at: at(0), requested_by: 'u', steps,
  parts: [{ id: 'two', flow: 'createNodeGroup', step: 'nodeGroups', status: 'succeeded', percent: 100, steps: group }],
}) as Operation;

describe('what the time of a creation was spent on', () => {
  it('follows from the last step back what each waited for longest, over both flows', () => {
    const chain = shares(operation(
      [step('serviceProject', 2), step('quotas', 3), step('controlPlane', 60), step('apiListener', 30), step('clusterObjects', 70), step('nodeGroups', 101)],
      [step('nodeServers', 20), step('joinToken', 75), step('nodes', 100)],
    ));
    expect(chain.map(({ title, ms }) => [title, ms / 1_000])).toEqual(expect.arrayContaining([['clusterObjects', 10], ['joinToken', 5], ['nodes', 25]]));
    expect(chain.at(-1)?.title).toBe('nodes');
    expect(chain.some(({ title }) => title === 'nodeServers')).toBe(false);
    expect(chain.reduce((sum, { ms }) => sum + ms, 0)).toBe(100_000);
    expect(chain.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });
});
