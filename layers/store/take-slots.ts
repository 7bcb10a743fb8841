/** Slots of the service network's address plan are taken together with what takes them. */
import type { Cluster } from '../cluster/cluster.ts';
import { clusters } from './clusters.ts';
import { isRevision, type Part } from './table.ts';

/** Part of a transaction: these slots are the group's as well, unless the cluster has been written since it was read. */
export const takingSlots = ({ id, revision, slots }: Cluster, groupId: string, more: readonly number[]): Part =>
  clusters.updating({ id }, { slots: { ...slots, ...Object.fromEntries(more.map((slot) => [slot, groupId])) }, revision: revision + 1 }, isRevision(revision));
