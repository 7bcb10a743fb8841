/** Begins an operation on a node group, together with what it changes of group and cluster. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { startOperation } from '../store/start-operation.ts';
import type { Request } from './endpoint.ts';
import { hint } from './hint.ts';

type About = Pick<Request, 'caller' | 'now'> & { cluster: Cluster; group: NodeGroup };
type Changes = Omit<Parameters<typeof startOperation>[1], 'cluster'>;

/** True once it has begun; undefined when cluster or group have been written since they were read. */
export async function startGroupOperation(
  flow: string, id: string, { cluster, group, caller, now }: About, changes: Changes,
): Promise<true | undefined> {
  const { id: clusterId, createOperationId: given } = cluster;
  const operation = { id, flow, clusterId, groupId: group.id, given, requestedBy: caller.userId };
  if (!await startOperation(operation, { cluster, ...changes }, now)) return undefined;
  await hint(id, cluster.projectId);
  return true;
}
