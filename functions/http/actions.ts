/** What is done to a cluster in place: editing it, and the verbs at the end of its path. */
import { allowListProblems } from '../../layers/admission/cluster-rules.ts';
import { upgradeProblems } from '../../layers/admission/upgrade-rules.ts';
import type { Cluster } from '../../layers/cluster/cluster.ts';
import { bodyEndpoint, endpoint, type Request } from '../../layers/http/endpoint.ts';
import { handOverVolume } from '../../layers/http/hand-over.ts';
import { hint } from '../../layers/http/hint.ts';
import { beingChanged, conflict, wrongRequest } from '../../layers/http/http-error.ts';
import { requireOwnCluster } from '../../layers/http/owned.ts';
import { switchPower, type Switch } from '../../layers/http/power.ts';
import { requireReady } from '../../layers/http/ready.ts';
import { resume } from '../../layers/http/resume.ts';
import { untilWritten } from '../../layers/http/until-written.ts';
import { byVerb } from '../../layers/http/verbs.ts';
import { clusterView, shownName } from '../../layers/http/views/cluster.ts';
import { requireSettings } from '../../layers/platform/settings.ts';
import { changeCluster } from '../../layers/store/clusters.ts';
import { newId } from '../../layers/store/ids.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import { startOperation } from '../../layers/store/start-operation.ts';
import type { ClusterEdit, VolumeHandedOver } from '../../schemas/generated/types.ts';
import isClusterEdit from '../../schemas/generated/validate/ClusterEdit.js';
import isClusterUpgrade from '../../schemas/generated/validate/ClusterUpgrade.js';
import isControlPlaneScale from '../../schemas/generated/validate/ControlPlaneScale.js';
import isVolumeHandOver from '../../schemas/generated/validate/VolumeHandOver.js';

const edit = bodyEndpoint('change', isClusterEdit, async (request, body) => {
  const edited = await untilWritten(() => editOnce(request, body));
  return clusterView(edited, await listNodeGroups(edited), requireSettings());
});

/** The cluster as it is now; undefined when somebody else wrote meanwhile. */
async function editOnce(request: Request, body: ClusterEdit): Promise<Cluster | undefined> {
  const cluster = await requireOwnCluster(request.caller, request.part('id'));
  if (cluster.phase === 'deleting') throw conflict('cluster_deleting', 'The cluster is being deleted.');
  const allowedCidrs = newAllowList(cluster, body);
  const change = changeOf(cluster, body);
  const isChange = Object.keys(change).length > 0;
  if (!allowedCidrs) return changeCluster(cluster.id, () => (isChange ? change : undefined), request.now);

  requireReady(cluster);
  const [operationId, open] = Object.entries(cluster.operations).find(([, { flow }]) => flow === 'updateCluster') ?? [];
  const changed = { ...change, api: { ...cluster.api, allowedCidrs } };
  if (!operationId) return startUpdate(cluster, changed, request);
  if (open?.state === 'going') throw beingChanged('cluster', operationId);
  // Its steps read the list when they run: the held operation makes the new one.
  await changeCluster(cluster.id, () => changed, request.now);
  await resume(operationId, request.now);
  return requireOwnCluster(request.caller, cluster.id);
}

/** The allow-list to be set, if it is another one. */
function newAllowList({ api }: Cluster, { load_balancer_config }: ClusterEdit): string[] | undefined {
  if (!load_balancer_config) return undefined;
  const wanted = [...new Set(load_balancer_config.octavia_engine.allowed_cidrs)];
  const problems = allowListProblems({ public: api.public, allowedCidrs: wanted },
    '$.load_balancer_config.octavia_engine.allowed_cidrs');
  if (problems.length > 0) throw wrongRequest(problems);
  return wanted.toSorted().join() === api.allowedCidrs.toSorted().join() ? undefined : wanted;
}

function changeOf(cluster: Cluster, { name, description, labels }: ClusterEdit): Partial<Cluster> {
  return {
    ...(name !== undefined && name !== shownName(cluster) && { renamedTo: name }),
    ...(description !== undefined && { description }),
    ...(labels && { labels }),
  };
}

async function startUpdate(cluster: Cluster, change: Partial<Cluster>, request: Request): Promise<Cluster | undefined> {
  const { now, caller } = request;
  const id = newId(now);
  const { id: clusterId, createOperationId: given } = cluster;
  const operation = { id, flow: 'updateCluster', clusterId, requestedBy: caller.userId, given };
  if (!await startOperation(operation, { cluster, change }, now)) return undefined;
  await hint(id, cluster.projectId);
  return requireOwnCluster(caller, cluster.id);
}

/** Of a cluster of the caller's: what is not there yet must not tell whether somebody else's exists. */
const refuse = (code: string, message: string) => async ({ caller, part }: Request): Promise<never> => {
  await requireOwnCluster(caller, part('id'));
  throw conflict(code, message);
};

const notStopped = refuse('not_for_managed_clusters',
  'A managed cluster cannot be stopped or started: its machines belong to the platform.');

/** Of the first generation, which has Magnum's ids; every other cluster is managed. */
async function power(request: Request, to: Switch): Promise<{ id: string; status: string; operation_id: string }> {
  const id = request.part('id');
  if (!isUuid(id)) return notStopped(request);
  const { uuid, operationId } = await switchPower(request, id, to);
  return { id: uuid, status: 'RECONCILING', operation_id: operationId };
}

const isUuid = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);

export const patch = byVerb('id', {
  '': edit,
  upgrade: bodyEndpoint('change', isClusterUpgrade, async ({ caller, part }, { target_version }) => {
    const { version } = await requireOwnCluster(caller, part('id'));
    const problems = upgradeProblems(version, target_version, '$.target_version');
    if (problems.length > 0) throw wrongRequest(problems);
    throw conflict('not_offered_yet', 'Upgrades in place are not offered yet.');
  }),
});

export const post = byVerb('id', {
  scaleControlPlane: bodyEndpoint('change', isControlPlaneScale,
    refuse('not_offered_yet', 'Changing the masters is not offered yet.')),
  handOverVolume: bodyEndpoint('change', isVolumeHandOver, async (request, { persistent_volume }): Promise<VolumeHandedOver> => {
    const { volumeId, operationId } = await untilWritten(() => handOverVolume(request, persistent_volume));
    return { volume_id: volumeId, operation_id: operationId };
  }),
  start: endpoint('change', (request) => power(request, 'start')),
  stop: endpoint('change', (request) => power(request, 'stop')),
});
