/** Requests about node groups of a cluster that is there, checked beforehand. Nothing is created or changed here. */
import type { NodeGroupEdit } from '../../schemas/generated/types.ts';
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import type { Settings } from '../platform/settings.ts';
import type { Sessions } from './admit-cluster.ts';
import { replacedAtOnce } from '../cluster/replacement.ts';
import { cloudFacts, type CloudFacts } from './cloud-facts.ts';
import { groupCloudProblems } from './cloud-rules.ts';
import { workersProblems } from './cluster-rules.ts';
import { labelProblems, taintProblems } from './kubernetes-rules.ts';
import { nodeGroupProblems, scaleProblemsOf } from './node-group-rules.ts';
import { unless, type Problem } from './problem.ts';
import { groupPathsOf, scaleOf, taintsOf } from './read-request.ts';
import { capacityProblems, quotaProblems } from './room.ts';
import type { NodeGroupWish } from './wish.ts';

const base = '$.node_group_spec';
const nothing = { networkIds: [], subnetIds: [], volumeTypes: [], zones: [] };

/** All problems of a new group. */
export async function newGroupProblems(
  wish: NodeGroupWish, cluster: Cluster, sessions: Sessions, settings: Settings,
): Promise<Problem[]> {
  const paths = groupPathsOf(base);
  const { flavorId, disk, size } = wish;
  const volumeTypes = [disk.type].filter((type) => type !== '' && type !== settings.volumeType);
  const questions = { ...nothing, projectId: cluster.projectId, flavorIds: [flavorId], volumeTypes };
  const facts = await cloudFacts(sessions, questions);
  return [
    ...placeProblems(wish, cluster, settings),
    ...nodeGroupProblems(wish, paths, cluster.zones),
    ...groupCloudProblems(wish, paths, facts, settings),
    ...roomProblems(size, flavorId, paths.size, facts),
  ];
}

/** What may change between the look and the write: name and slots. */
export const placeProblems = (
  { name, size }: Pick<NodeGroupWish, 'name' | 'size'>, { groups, slots }: Cluster, settings: Settings,
): Problem[] => [
  ...unless(!(name in groups), `${base}.name`, 'name_taken', 'is the name of another node group of this cluster'),
  ...workersProblems(Object.keys(slots).length + size, `${base}.scale_spec`, settings),
];

export type GroupChange = Partial<Pick<NodeGroup, 'size' | 'labels' | 'taints' | 'parallelUpgradeChunk'>>
  & { limits?: NodeGroup['limits'] | undefined };

/** What an edit changes, only that. */
export function changeOf(group: NodeGroup, edit: NodeGroupEdit): GroupChange {
  const { scale_spec, labels, taints, parallel_upgrade_chunk } = edit;
  const scale = scale_spec && scaleOf(scale_spec, group.size);
  const wanted: GroupChange = {
    ...(scale && { size: scale.size, limits: scale.limits }),
    ...(labels && { labels }), ...(taints && { taints: taintsOf(taints) }),
    ...(parallel_upgrade_chunk !== undefined && { parallelUpgradeChunk: parallel_upgrade_chunk }),
  };
  const now = group as GroupChange;
  const isNew = ([key, value]: [string, unknown]) => !same(now[key as keyof GroupChange], value);
  return Object.fromEntries(Object.entries(wanted).filter(isNew));
}

/** All problems of an edit; room is asked about only for nodes that are to come. */
export async function editProblems(
  change: GroupChange, group: NodeGroup, cluster: Cluster, sessions: Sessions, settings: Settings,
): Promise<Problem[]> {
  const paths = groupPathsOf('$');
  const size = change.size ?? group.size;
  const limits = 'limits' in change ? change.limits : group.limits;
  const more = size - staying(group);
  const questions = { ...nothing, projectId: cluster.projectId, flavorIds: [group.flavorId] };
  const facts = more > 0 ? await cloudFacts(sessions, questions) : undefined;
  const nodes = Object.keys(cluster.slots).length + more;
  return [
    ...scaleProblemsOf({ size, ...(limits && { limits }) }, { ...paths, size: '$.scale_spec' }),
    ...labelProblems(change.labels ?? {}, paths.labels),
    ...taintProblems(change.taints ?? [], paths.taints),
    ...(facts ? workersProblems(nodes, paths.size, settings) : []),
    ...(facts ? roomProblems(more, group.flavorId, paths.size, facts) : []),
  ];
}

/** Room for the nodes that are there beyond the size of each group while it is replaced, one group after another. */
export async function replacementProblems(
  groups: readonly NodeGroup[], cluster: Cluster, sessions: Sessions, settings: Settings,
): Promise<Problem[]> {
  const replaced = groups.filter((group) => group.phase !== 'deleted' && staying(group) > 0);
  if (replaced.length === 0) return [];
  const facts = await cloudFacts(sessions, { ...nothing, projectId: cluster.projectId, flavorIds: replaced.map(({ flavorId }) => flavorId) });
  return replaced.flatMap((group) => {
    const more = replacedAtOnce(group);
    const path = `$.${group.name}`;
    return [...workersProblems(Object.keys(cluster.slots).length + more, path, settings), ...roomProblems(more, group.flavorId, path, facts)];
  });
}

export const staying = ({ nodes }: Pick<NodeGroup, 'nodes'>): number => nodes.filter(({ leaving }) => !leaving).length;

/** A port in the user's project, and a machine in the platform's cloud, for each node. */
function roomProblems(nodes: number, flavorId: string, path: string, facts: CloudFacts): Problem[] {
  const { vcpus = 0, ram = 0 } = facts.flavors.get(flavorId) ?? {};
  return [
    ...quotaProblems({ port: nodes }, path, facts),
    ...capacityProblems({ cores: nodes * vcpus, ramMiB: nodes * ram }, path, facts),
  ];
}

/** Regardless of the order of keys. */
function same(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => same(one[key], other[key]));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
