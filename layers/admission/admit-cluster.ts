/** A request for a cluster, checked against everything that can be known beforehand. Nothing is created here. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { needsOf } from '../cluster/needs.ts';
import { ingressRules } from '../lifecycle/security-rules.ts';
import type { Session } from '../openstack/session.ts';
import type { Settings } from '../platform/settings.ts';
import { cloudFacts, type CloudFacts, type Questions } from './cloud-facts.ts';
import { cloudProblems } from './cloud-rules.ts';
import { clusterProblems } from './cluster-rules.ts';
import type { Problem } from './problem.ts';
import { clusterRecords, type Origin } from './records.ts';
import { capacityProblems, quotaProblems, type UserNeeds } from './room.ts';
import type { ClusterPaths, ClusterWish } from './wish.ts';

/**
 * OpenStack with the user's own token, and with the platform's for what only administrators see. `lookups`: the user's too, for what there
 * is and how it is called, and not for how much of it; its answers may be a minute old.
 */
export interface Sessions { user: Session; lookups: Session; platform: Session }
/** All problems, or the records to be written. */
export type Admission<Records> = { problems: Problem[] } | Records;

export async function admitCluster(
  wish: ClusterWish, paths: ClusterPaths, origin: Origin, sessions: Sessions, settings: Settings,
): Promise<Admission<{ cluster: Cluster; groups: NodeGroup[] }>> {
  const facts = await cloudFacts(sessions, questionsOf(wish, origin.projectId, settings));
  const problems = [
    ...clusterProblems(wish, paths, settings),
    ...cloudProblems(wish, paths, facts, settings),
    ...quotaProblems(userNeeds(wish, settings), '$', facts),
    ...capacityProblems(platformNeeds(wish, facts, settings), '$', facts),
  ];
  return problems.length > 0 ? { problems } : clusterRecords(wish, origin, facts, settings);
}

function questionsOf(wish: ClusterWish, projectId: string, { imagePrefix, volumeType }: Settings): Questions {
  const { version, masters, groups, networkId, externalNetworkId, subnetId, api, zones } = wish;
  return {
    projectId, imageName: `${imagePrefix}${version}`, zones,
    flavorIds: [masters.flavorId, ...groups.map(({ flavorId }) => flavorId)],
    networkIds: [networkId, ...(externalNetworkId ? [externalNetworkId] : [])],
    subnetIds: [subnetId, ...(api.subnetId ? [api.subnetId] : [])],
    volumeTypes: groups.map(({ disk }) => disk.type).filter((type) => type !== '' && type !== volumeType),
  };
}

/** A port for each node, and the nodes' security group with its rules (two of them Neutron's own). */
function userNeeds({ groups }: ClusterWish, { serviceSubnetCidr }: Settings): UserNeeds {
  const [, , nodeRules] = ingressRules({ serviceCidr: serviceSubnetCidr, userCidr: serviceSubnetCidr });
  const nodes = groups.reduce((sum, { size }) => sum + size, 0);
  return { port: nodes, security_group: 1, security_group_rule: nodeRules.length + 2 };
}

/** Unknown flavors are told of elsewhere; they count nothing here. */
function platformNeeds(wish: ClusterWish, { flavors }: CloudFacts, settings: Settings) {
  const groups = wish.groups.map(({ limits: _most, ...group }) => ({ ...group, nodes: [] }));
  return needsOf(wish, groups, (id) => flavors.get(id) ?? { vcpus: 0, ram: 0 }, settings);
}
