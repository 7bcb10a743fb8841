/**
 * Starts an operation together with what it is about, all or nothing: a cluster never says PROVISIONING without an
 * operation that provisions it. The first hint is sent by the caller; if that is lost, the sweeper finds the operation.
 */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import type { Operation } from '../engine/ports.ts';
import { clusterRow, clusters, projectNameOf } from './clusters.ts';
import { due } from './due.ts';
import { nodeGroups } from './node-groups.ts';
import { operations, type OperationRow } from './operations.ts';
import { isRevision, transact } from './table.ts';

export type NewOperation = Pick<Operation, 'id' | 'flow' | 'clusterId' | 'requestedBy'> & Partial<Pick<Operation, 'groupId' | 'parent' | 'given' | 'subject' | 'projectId'>>;

/** What has not come to its end within this time is held with its cause. */
const deadlineMs = Number(process.env.OPERATION_DEADLINE_MS || 3_600_000);

/** From now: as long again for each of the operations that it starts one after another. Epoch milliseconds. */
export const deadlineOf = (now: number, { subject }: Pick<Operation, 'subject'>): number => now + deadlineMs * (1 + Number(subject?.rounds ?? 0));

/** The first row of an operation: due at once. */
export const newOperationRow = (operation: NewOperation, now: number): OperationRow => ({
  ...operation, children: {}, status: 'going', laidOut: false, createdAt: now, deadline: deadlineOf(now, operation),
  createdAtId: `${new Date(now).toISOString()}#${operation.id}`, revision: 0, ...due(operation.id, now),
});

const openOperation = ({ flow, groupId }: NewOperation) => ({ flow, state: 'going' as const, ...(groupId && { groupId }) });

/** A new cluster, its first node groups and the operation that creates it. `false`: there is one of that id. */
export async function startCluster(cluster: Cluster, groups: readonly NodeGroup[], operation: NewOperation, now: number): Promise<boolean> {
  const row = { ...clusterRow(cluster), operations: { [operation.id]: openOperation(operation) } };
  return transact([
    clusters.putting(row),
    ...groups.map((group) => nodeGroups.putting(group)),
    operations.putting(newOperationRow({ ...operation, projectId: cluster.projectId }, now)),
  ]);
}

/**
 * An operation on an existing cluster, with the changes that come with it; `cluster` and `group` are as they were read.
 * `false`: one of them has changed since, read again.
 */
export async function startOperation(
  operation: NewOperation,
  on: { cluster: Cluster; change?: Partial<Cluster>; group?: NodeGroup; groupChange?: Partial<NodeGroup>; newGroup?: NodeGroup },
  now: number,
): Promise<boolean> {
  const { cluster, group, newGroup } = on;
  const updatedAt = new Date(now).toISOString();
  const open = { ...cluster.operations, ...on.change?.operations, [operation.id]: openOperation(operation) };
  const renamed = on.change?.renamedTo !== undefined && { projectName: projectNameOf(cluster, on.change.renamedTo) };
  const groupChange = { ...on.groupChange, changed: true as const, operationId: operation.id, revision: (group?.revision ?? 0) + 1, updatedAt };
  return transact([
    clusters.updating({ id: cluster.id }, { ...on.change, ...renamed, changed: true, operations: open, revision: cluster.revision + 1, updatedAt }, isRevision(cluster.revision)),
    ...(group ? [nodeGroups.updating({ id: group.id }, groupChange, isRevision(group.revision))] : []),
    ...(newGroup ? [nodeGroups.putting(newGroup)] : []),
    operations.putting(newOperationRow({ ...operation, projectId: cluster.projectId }, now)),
  ]);
}
