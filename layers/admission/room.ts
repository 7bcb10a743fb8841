/** Whether there is room: quota in the user's project for what lands there, capacity of the cloud for the rest. */
import type { Needs } from '../cluster/needs.ts';
import type { CloudFacts } from './cloud-facts.ts';
import { unless, type Problem } from './problem.ts';

/** How many of what Neutron counts land in the user's project. */
type Counted = 'port' | 'security_group' | 'security_group_rule';
export type UserNeeds = Partial<Record<Counted, number>>;

const words = { port: 'ports', security_group: 'security groups', security_group_rule: 'security group rules' };

/** -1, or a name that the cloud does not know, is no limit. */
export function quotaProblems(needs: UserNeeds, path: string, { quota }: CloudFacts): Problem[] {
  return Object.entries(needs).flatMap(([name, needed]) => {
    const { limit = -1, used = 0, reserved = 0 } = quota[name as Counted] ?? {};
    const left = limit - used - reserved;
    return unless(limit < 0 || needed <= left || needed === 0, path, 'quota_exceeded',
      `needs ${needed} ${words[name as Counted]} in this project; its quota of ${limit} leaves ${Math.max(0, left)}`);
  });
}

/** By how much Nova fills its hypervisors unless told otherwise: what goes beyond that surely does not fit. */
const overcommit = { cores: 16, ram: 1.5 };

/** The cloud as a whole; unknown capacity is no problem. */
export function capacityProblems(
  { cores, ramMiB }: Pick<Needs, 'cores' | 'ramMiB'>, path: string, { capacity }: CloudFacts,
): Problem[] {
  if (!capacity || capacity.count === 0) return [];
  const coresLeft = Math.floor(capacity.vcpus * overcommit.cores - capacity.vcpus_used);
  const ramLeft = Math.floor(capacity.memory_mb * overcommit.ram - capacity.memory_mb_used);
  return [
    ...unless(cores <= coresLeft, path, 'capacity_exceeded',
      `needs ${cores} virtual cores; the cloud has ${Math.max(0, coresLeft)} left`),
    ...unless(ramMiB <= ramLeft, path, 'capacity_exceeded',
      `needs ${ramMiB} MiB of memory; the cloud has ${Math.max(0, ramLeft)} left`),
  ];
}
