/**
 * The nodes' ports in the user's project: a trunk keeps them from being deleted, but not from being changed. What was
 * changed is put back; who did it, Neutron does not tell.
 */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { markOf, nameOf, workerName } from '../cluster/names.ts';
import * as neutron from '../openstack/neutron.ts';
import type { Session } from '../openstack/session.ts';
import type { PutBack } from './findings.ts';

/** By the name of the node: what the port must be. Only the addresses it has are not ours to say. */
interface Expected {
  name: string; description: string; security_groups: string[]; admin_state_up: boolean; allowed_address_pairs: never[]; tags: never[];
  /** Neutron leaves both to the port's owner, though it goes on refusing to delete the port. */
  device_id: ''; device_owner: string;
}

/** What Neutron's agents write where they bind sub-ports; without them nothing does. */
const boundOwner = 'trunk:subport';

/** `nodesGroup`: the security group that the ports have. */
export async function lookAtNodePorts(service: Session, cluster: Cluster, groups: readonly NodeGroup[], nodesGroup: neutron.SecurityGroup): Promise<PutBack[]> {
  const expected = new Map(groups.flatMap((group) => group.nodes.filter(({ leaving }) => !leaving).map((node) => [workerName(cluster, group, node.slot), { group, slot: node.slot }] as const)));
  if (expected.size === 0) return [];
  // By the trunks, which the user cannot see: a port whose name and mark were changed would not be found by them.
  const trunks = await neutron.listTrunks(service, { project_id: cluster.serviceProjectId! });
  const ours = trunks.filter(({ name, sub_ports }) => expected.has(name) && sub_ports.length > 0);
  if (ours.length === 0) return [];
  const ports = await neutron.listPorts(service, { id: ours.map(({ sub_ports }) => sub_ports[0]!.port_id) });
  const findings = await Promise.all(ours.map(async ({ name, sub_ports }) => {
    const { group, slot } = expected.get(name)!;
    const port = ports.find(({ id }) => id === sub_ports[0]!.port_id);
    if (!port) return [];
    return putBack(service, port, name, {
      name: nameOf(cluster.id, `${group.name}-${slot}`), description: markOf(cluster.id, `group=${group.id}`),
      security_groups: [nodesGroup.id], admin_state_up: true, allowed_address_pairs: [], tags: [],
      device_id: '', device_owner: port.device_owner === boundOwner ? boundOwner : '',
    });
  }));
  return findings.flat();
}

async function putBack(service: Session, port: neutron.Port, node: string, expected: Expected): Promise<PutBack[]> {
  const changed = (Object.keys(expected) as (keyof Expected)[]).filter((key) => JSON.stringify(sorted(port[key])) !== JSON.stringify(sorted(expected[key])));
  if (changed.length === 0) return [];
  const attributes = changed.filter((key) => key !== 'tags');
  if (attributes.length > 0) await neutron.updatePort(service, port.id, Object.fromEntries(attributes.map((key) => [key, expected[key]])));
  // Neutron takes them by calls of their own.
  if (changed.includes('tags')) await neutron.setTags(service, 'ports', port.id, expected.tags);
  const what = changed.map((key) => `${key} was ${JSON.stringify(port[key])}`).join(', ');
  return [{ kind: 'put-back', reason: 'PortChanged', message: `Port ${port.id} of node ${node} had been changed in the user's project and has been put back: ${what}. The ports of nodes must be left alone; see the user guide.` }];
}

const sorted = (value: unknown): unknown => (Array.isArray(value) ? value.toSorted() : value);
