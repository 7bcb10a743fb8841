/** Node groups: list, read, change, delete. The masters are shown as one of them, and are the platform's. */
import type { GroupChange } from '../admission/admit-node-group.ts';
import type { Cluster, NodeGroup, Taint } from '../cluster/cluster.ts';
import { parseBody } from '../http/body.ts';
import { changeGroup, removeGroup } from '../http/group-change.ts';
import { untilWritten } from '../http/until-written.ts';
import { changeNodeGroup, requireNodeGroup } from '../store/node-groups.ts';
import { requireCluster } from '../store/clusters.ts';
import type { MagnumNodeGroup, MagnumPatch } from '../../schemas/generated/types.ts';
import isPatch from '../../schemas/generated/validate/MagnumPatch.js';
import { Reply, type MagnumRequest } from './api.ts';
import { defaultWorker, masterGroupUuid, masterName } from './default-groups.ts';
import { invalid, refused } from './errors.ts';
import { groupsOf, ofCluster, unknownGroup } from './find.ts';
import { textsOf } from './labels.ts';
import { requireLimits } from './limits.ts';
import { groupSummary, groupView, masterView } from './node-group-view.ts';
import { nextOf, pageOf, sorted } from './page.ts';
import { patched, type Fields } from './patch.ts';

const sortKeys = ['uuid', 'name', 'flavor_id', 'image_id', 'node_count', 'role', 'is_default', 'status', 'created_at', 'updated_at', 'min_node_count', 'max_node_count'];

export const listNodeGroups = ofCluster(async (request, cluster) => {
  const page = pageOf(request, sortKeys);
  const groups = await groupsOf(cluster);
  const views = [masterView(cluster, request), ...groups.map((group) => groupView(group, cluster, isDefault(group, groups), request))];
  const { role } = request.query;
  const all = sorted(views.filter((view) => !role || view.role === role), page);
  const at = page.marker === undefined ? -1 : all.findIndex(({ uuid, name }) => uuid === page.marker || name === page.marker);
  if (page.marker !== undefined && at < 0) throw unknownGroup(page.marker);
  const shown = all.slice(at + 1, at + 1 + page.limit);
  const last = shown.length === page.limit ? shown.at(-1) : undefined;
  return { nodegroups: shown.map(groupSummary), ...(last && { next: nextOf(request, page, last.uuid) }) };
});

const isDefault = (group: NodeGroup, all: readonly NodeGroup[]): boolean => defaultWorker(all)?.id === group.id;
const isMaster = (cluster: Cluster, ident: string): boolean => ident === masterName || ident === masterGroupUuid(cluster);

export const getNodeGroup = ofCluster(async (request, cluster) => {
  const ident = request.part('nodegroup');
  if (isMaster(cluster, ident)) return masterView(cluster, request);
  return view(request, cluster, ident);
});

async function view(request: MagnumRequest, cluster: Cluster, ident: string): Promise<MagnumNodeGroup> {
  const groups = await groupsOf(cluster);
  const group = requireGroup(groups, ident);
  return groupView(group, cluster, isDefault(group, groups), request);
}

function requireGroup(groups: readonly NodeGroup[], ident: string): NodeGroup {
  const group = groups.find(({ uuid, name }) => uuid === ident || name === ident);
  if (group) return group;
  throw unknownGroup(ident);
}

const changeable = ['min_node_count', 'max_node_count', 'node_labels', 'node_taints'];

export const updateNodeGroup = ofCluster(async (request, { id }) => {
  const patch = parseBody(request.event, isPatch);
  await untilWritten(async () => {
    const cluster = await requireCluster(id);
    const ident = request.part('nodegroup');
    if (isMaster(cluster, ident)) throw refused(400, 'Changing the masters of a cluster of the second generation is not supported.');
    return changeOnce(request, cluster, requireGroup(await groupsOf(cluster), ident), patch);
  });
  return new Reply(202, JSON.stringify(await view(request, await requireCluster(id), request.part('nodegroup'))));
});

async function changeOnce(request: MagnumRequest, cluster: Cluster, group: NodeGroup, patch: MagnumPatch): Promise<true | undefined> {
  const { limits, magnum, size } = group;
  const before = fieldsOf(group, groupView(group, cluster, false, request));
  const after = patched(before, patch, {
    allowed: changeable, refusal: (field) => refused(400, `'/${field}' is an internal attribute and can not be updated`),
  });
  const min = countOf('min_node_count', after.min_node_count) ?? 0;
  const max = countOf('max_node_count', after.max_node_count);
  requireLimits(group.name, { size, min, max });
  const words = { ...magnum, labels: magnum?.labels ?? cluster.labels, minNodeCount: min };
  if (min !== (magnum?.minNodeCount ?? 0)) await changeNodeGroup(group.id, () => ({ magnum: words }), request.now);
  const wanted: GroupChange = {
    ...(max !== limits?.max || (limits && min !== limits.min) ? { limits: max === undefined ? undefined : { min, max } } : {}),
    ...(touches(patch, 'node_labels') && { labels: labelsOf(after.node_labels) }),
    ...(touches(patch, 'node_taints') && { taints: taintsOf(after.node_taints) }),
  };
  return changeGroup(request, { cluster, group: await requireNodeGroup(group.id) }, wanted, { refusal: invalid });
}

const touches = (patch: MagnumPatch, field: string): boolean => patch.some(({ path }) => path.split('/')[1] === field);

const fieldsOf = ({ labels, taints }: NodeGroup, shown: MagnumNodeGroup): Fields => ({ ...shown, node_labels: labels, node_taints: taints });

function countOf(field: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 5_000) return value;
  throw refused(400, `Invalid input for field/attribute ${field}. Value: '${String(value)}'. Value should be a whole number from 0 to 5000`);
}

function labelsOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value) && Object.values(value).every(isPlain)) return textsOf(value as Record<string, string>);
  throw refused(400, 'Invalid input for field/attribute node_labels. It should be a map of text to text');
}

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function taintsOf(value: unknown): Taint[] {
  if (value === undefined || value === null) return [];
  const isTaint = (each: unknown): each is Taint => typeof each === 'object' && each !== null && 'key' in each && typeof each.key === 'string'
    && 'effect' in each && effects.includes(String(each.effect)) && (!('value' in each) || isPlain(each.value));
  if (Array.isArray(value) && value.every(isTaint)) return value.map(({ key, value: text, effect }) => ({ key, value: String(text ?? ''), effect }));
  throw refused(400, `Invalid input for field/attribute node_taints. It should be a list of key, value and effect, which is one of ${effects.join(', ')}`);
}

export const deleteNodeGroup = ofCluster(async (request, { id }) => {
  await untilWritten(async () => {
    const cluster = await requireCluster(id);
    const groups = (await groupsOf(cluster));
    const ident = request.part('nodegroup');
    if (isMaster(cluster, ident)) throw refused(400, 'Deleting a default nodegroup is not supported.');
    const group = requireGroup(groups, ident);
    if (isDefault(group, groups)) throw refused(400, 'Deleting a default nodegroup is not supported.');
    return removeGroup(request, { cluster, group });
  });
  return {};
});
