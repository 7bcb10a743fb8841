/** What may reach the machines: the rules Kubernetes needs and no more. */
import { markOf, nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { byName } from '../../layers/lifecycle/oldest.ts';
import { ingressRules, missingRules } from '../../layers/lifecycle/security-rules.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';

/** `masters` and `parents` (of the workers' ports) in the service project, `nodes` in the user's. */
export interface SecurityGroups { mastersId: string; parentsId: string; nodesId: string }

export const securityGroups = step({
  name: 'securityGroups',
  title: 'Security groups',
  async run(context, { serviceProject }: { serviceProject: { projectId: string } }) {
    const { service, cluster } = context;
    const found = byName(await neutron.listSecurityGroups(service, { description: markOf(cluster.id) }));
    const ensure = async (noun: string, project_id: string) => {
      const name = nameOf(cluster.id, noun);
      const existing = found.get(name);
      if (existing?.project_id === project_id) return existing;
      return neutron.createSecurityGroup(service, { name, description: markOf(cluster.id), project_id });
    };
    const [masters, parents, nodes] = await Promise.all([
      ensure('masters', serviceProject.projectId), ensure('parents', serviceProject.projectId), ensure('nodes', cluster.projectId),
    ]);
    // One call takes rules of one group only.
    await Promise.all([masters, parents, nodes].map(async (group, index) => {
      const missing = missingRules(group, rulesOf(context)[index]!);
      if (missing.length > 0) await neutron.createSecurityGroupRules(service, missing);
    }));
    return done<SecurityGroups>({ mastersId: masters.id, parentsId: parents.id, nodesId: nodes.id });
  },
  async undo({ service, cluster, serviceProjectId }) {
    const owners = new Set([cluster.projectId, await serviceProjectId()]);
    const groups = await neutron.listSecurityGroups(service, { description: markOf(cluster.id) });
    for (const { id } of groups.filter((group) => owners.has(group.project_id))) await neutron.deleteSecurityGroup(service, id);
    return gone;
  },
});

const rulesOf = ({ cluster, settings }: Context) => ingressRules({
  serviceCidr: settings.serviceSubnetCidr, userCidr: cluster.network.subnetCidr,
});

export const handler = stepFunction(securityGroups);
