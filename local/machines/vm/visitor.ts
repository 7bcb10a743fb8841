/** Somebody on a network of a user's: a namespace with a port there, from which programs can be run. */
import * as neutron from '../../../layers/openstack/neutron.ts';
import type { Session } from '../../../layers/openstack/session.ts';
import { release } from '../real/command.ts';
import { newSpace } from '../real/fabric.ts';
import type { Wiring } from '../real/real-cloud.ts';
import { plugInto, unplug } from './switch.ts';

/** The one host of a lab with virtual machines. */
const host = 'lab-compute-1';

export interface Visitor {
  address: string;
  /** What a command line is put behind, to run there. */
  prefix: string[];
  leave(): Promise<void>;
}

/** `admin` may say where a port is; the port is of the network's own project. */
export async function visit(admin: Session, networkId: string): Promise<Visitor> {
  const network = (await neutron.getNetwork(admin, networkId))!;
  const port = await neutron.createPort(admin, { name: 'visitor', network_id: networkId, project_id: network.project_id, 'binding:host_id': host } as neutron.PortCreate);
  const space = await newSpace();
  const [subnets, networks] = [await neutron.listSubnets(admin, { network_id: networkId }), [network]];
  const byId = <T extends { id: string }>(things: readonly T[]): Map<string, T> => new Map(things.map((thing) => [thing.id, thing]));
  const wiring: Wiring = { ports: [port], subnets: byId(subnets), networks: byId(networks), securityGroups: new Map(), attachments: [], volumeIds: new Set() };
  await plugInto(port, space.pid, wiring);
  return {
    address: port.fixed_ips[0]!.ip_address,
    prefix: ['nsenter', '--target', String(space.pid), '--net', '--'],
    async leave() {
      await release(space);
      await unplug(port.id);
      await neutron.deletePort(admin, port.id);
    },
  };
}
