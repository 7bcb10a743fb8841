/** Lets the flow that deletes run once more over a cluster, whatever is left of it. */
import type { Cluster } from '../cluster/cluster.ts';
import { putEvent } from '../store/events.ts';
import { newId } from '../store/ids.ts';
import { startOperation } from '../store/start-operation.ts';

/** The operation's id; undefined when somebody else was first. Without a hint the sweeper begins it. */
export async function deleteAgain(cluster: Cluster, requestedBy: string, message: string, now: number): Promise<string | undefined> {
  const id = newId(now);
  const started = await startOperation({ id, flow: 'deleteCluster', clusterId: cluster.id, requestedBy }, { cluster, change: { phase: 'deleting' } }, now);
  if (!started) return undefined;
  await putEvent({ clusterId: cluster.id, operationId: id, level: 'warning', reason: 'LeftBehind', message }, now);
  return id;
}
