/** The certificate authority of a cluster is rotated by an operation, beside which no other changes the cluster. */
import { replacementProblems } from '../admission/admit-node-group.ts';
import type { Problem } from '../admission/problem.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { roundsOf } from '../cluster/replacement.ts';
import { rotationFlow, rotationOf } from '../cluster/rotation.ts';
import { requireSettings } from '../platform/settings.ts';
import { newId } from '../store/ids.ts';
import { listNodeGroups } from '../store/node-groups.ts';
import { startOperation } from '../store/start-operation.ts';
import type { Request } from './endpoint.ts';
import { hint } from './hint.ts';
import { beingChanged, conflict } from './http-error.ts';
import { requireReady } from './ready.ts';
import { resume } from './resume.ts';
import { sessionsOf } from './sessions.ts';

/** True once it has begun, or a held one goes on. Undefined: the cluster has been written meanwhile, read again. */
export async function rotateAuthority(request: Request, cluster: Cluster, refusal: (problems: Problem[]) => Error): Promise<true | undefined> {
  const { caller, now } = request;
  const rotation = rotationOf(cluster);
  if (rotation?.state === 'held') {
    await resume(rotation.operationId, now);
    return true;
  }
  requireReady(cluster);
  requireNothingOpen(cluster);
  const groups = await listNodeGroups(cluster);
  const problems = await replacementProblems(groups, cluster, sessionsOf(request), requireSettings());
  if (problems.length > 0) throw refusal(problems);

  const id = newId(now);
  const { id: clusterId, createOperationId: given } = cluster;
  // What the deadline of the whole and its progress follow from.
  const subject = { rounds: String(roundsOf(groups)) };
  const operation = { id, flow: rotationFlow, clusterId, given, requestedBy: caller.userId, subject };
  if (!await startOperation(operation, { cluster }, now)) return undefined;
  await hint(id, cluster.projectId);
  return true;
}

function requireNothingOpen({ operations }: Cluster): void {
  const [operationId, open] = Object.entries(operations)[0] ?? [];
  if (open?.state === 'held') {
    throw conflict('cluster_changing', 'A change of the cluster is held.', { operationId, action: 'Retry that, or ask for another change in its place, first.' });
  }
  if (operationId !== undefined) throw beingChanged('cluster', operationId);
}
