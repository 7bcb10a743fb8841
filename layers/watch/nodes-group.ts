/**
 * The nodes' security group in the user's project: what it must let in is made again when a rule is gone. What a user has
 * added lets more into their own machines, and is theirs to say.
 */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { markOf, nameOf } from '../cluster/names.ts';
import { oldest } from '../lifecycle/oldest.ts';
import { ingressRules, missingRules } from '../lifecycle/security-rules.ts';
import * as neutron from '../openstack/neutron.ts';
import type { Session } from '../openstack/session.ts';
import type { Finding } from './findings.ts';
import { lookAtNodePorts } from './node-ports.ts';

/** The group, then the ports that must have it. `serviceCidr`: of the service network. */
export async function lookAtNodesGroup(service: Session, cluster: Cluster, groups: readonly NodeGroup[], serviceCidr: string): Promise<Finding[]> {
  const identity = { name: nameOf(cluster.id, 'nodes'), description: markOf(cluster.id) };
  const nodesGroup = await findGroup(service, cluster, identity);
  if (!nodesGroup) return [{ kind: 'lost', reason: 'SecurityGroupGone', message: `The security group ${identity.name} of the nodes is gone.` }];
  const findings = await Promise.all([
    putIdentityBack(service, nodesGroup, identity), lookAtNodePorts(service, cluster, groups, nodesGroup), putRulesBack(service, cluster, nodesGroup, serviceCidr),
  ]);
  return findings.flat();
}

interface Identity { name: string; description: string }

/** By its name or, where that was changed, by its mark. */
async function findGroup(service: Session, { id, projectId }: Cluster, { name, description }: Identity): Promise<neutron.SecurityGroup | undefined> {
  const named = await neutron.listSecurityGroups(service, { name, project_id: projectId });
  if (named.length > 0) return oldest(named);
  const parts = ['masters', 'parents'].map((noun) => nameOf(id, noun));
  return oldest((await neutron.listSecurityGroups(service, { description, project_id: projectId })).filter((group) => !parts.includes(group.name)));
}

/** A delete would not find it by another name and mark. */
async function putIdentityBack(service: Session, { id, name, description }: neutron.SecurityGroup, identity: Identity): Promise<Finding[]> {
  if (name === identity.name && description === identity.description) return [];
  await neutron.updateSecurityGroup(service, id, identity);
  return [{ kind: 'put-back', reason: 'SecurityGroupChanged', message: `Security group ${id} of the nodes had been changed in the user's project and has been put back: its name was "${name}", its description "${description}".` }];
}

async function putRulesBack(service: Session, cluster: Cluster, nodesGroup: neutron.SecurityGroup, serviceCidr: string): Promise<Finding[]> {
  const [, , rules] = ingressRules({ serviceCidr, userCidr: cluster.network.subnetCidr });
  const missing = missingRules(nodesGroup, rules);
  if (missing.length === 0) return [];
  await neutron.createSecurityGroupRules(service, missing);
  const what = missing.map(({ protocol, port_range_min: from, port_range_max: to, remote_ip_prefix: cidr }) => (
    `${protocol ?? 'everything'}${from == null ? '' : ` ${from}-${to}`} from ${cidr ?? 'the nodes'}`
  )).join(', ');
  return [{ kind: 'put-back', reason: 'RulesChanged', message: `Rules of the security group ${nodesGroup.name} had been removed in the user's project and have been put back: ${what}.` }];
}
