/**
 * The nodes' trunks: what lets a server of the service project have a port of the user's project, and keeps that
 * project's users from deleting it.
 */
import { done, gone } from '../../layers/engine/step.ts';
import { groupStep } from '../../layers/lifecycle/context.ts';
import { groupMark, leavingNodes, stayingNodes } from '../../layers/lifecycle/group-nodes.ts';
import { byName } from '../../layers/lifecycle/oldest.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import type { ParentPorts } from './parent-ports.ts';
import type { UserPorts } from './user-ports.ts';

/** The VLAN of the user's network inside every node. */
export const userVlan = 100;

interface Needs { serviceProject: { projectId: string }; parentPorts: ParentPorts; userPorts: UserPorts }

export const trunks = groupStep({
  name: 'trunks',
  title: 'Trunks of the nodes',
  async run(context, { serviceProject, parentPorts, userPorts }: Needs) {
    const { service } = context;
    const owner = { project_id: serviceProject.projectId, description: groupMark(context) };
    const found = byName(await neutron.listTrunks(service, owner));
    const missing = stayingNodes(context).filter(({ name }) => !found.has(name));
    await Promise.all(missing.map(({ name }) => neutron.createTrunk(service, {
      ...owner, name, port_id: parentPorts.ports[name]!.id,
      sub_ports: [{ port_id: userPorts.ports[name]!.id, segmentation_type: 'vlan', segmentation_id: userVlan }],
    })));
    return done({ vlanId: userVlan });
  },
  async undo(context) {
    const leaving = new Set(leavingNodes(context).map(({ name }) => name));
    const owner = { project_id: await context.serviceProjectId(), description: groupMark(context) };
    const found = await neutron.listTrunks(context.service, owner);
    await Promise.all(found.filter(({ name }) => leaving.has(name)).map(({ id }) => neutron.deleteTrunk(context.service, id)));
    return gone;
  },
});

export const handler = stepFunction(trunks);
