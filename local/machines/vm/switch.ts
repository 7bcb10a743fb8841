/** Ports of Neutron's in namespaces of this machine, by the lab's Open vSwitch: Neutron's own agent does the rest. */
import type { Port } from '../../../layers/openstack/neutron.ts';
import { ip, run } from '../real/command.ts';
import { addressesOf } from '../real/fabric.ts';
import type { Wiring } from '../real/real-cloud.ts';

/** Where the lab's database of its switch listens. */
const database = '--db=tcp:127.0.0.1:6640';
const interfaceOf = (portId: string): string => `ns${portId.slice(0, 11)}`;
const vsctl = (args: readonly string[]): Promise<string> => run('ovs-vsctl', [database, '--timeout=60', ...args]);

/**
 * The port, which must be bound to the lab's host, is an interface of the namespace of `pid`, with its addresses, those of
 * `more` beside them and, where its subnet has a gateway, a way out by that.
 */
export async function plugInto(port: Port, pid: number, wiring: Wiring, more: readonly string[] = []): Promise<void> {
  const name = interfaceOf(port.id);
  await vsctl(['--if-exists', 'del-port', name, '--', 'add-port', 'br-int', name, '--', 'set', 'Interface', name, 'type=internal',
    `external_ids:iface-id=${port.id}`, `external_ids:attached-mac="${port.mac_address}"`, 'external_ids:iface-status=active']);
  await run('ip', ['link', 'set', name, 'netns', String(pid)]);
  const subnet = wiring.subnets.get(port.fixed_ips[0]?.subnet_id ?? '');
  const bits = subnet?.cidr.split('/')[1] ?? '32';
  await ip(pid, ['link set lo up', `link set ${name} address ${port.mac_address} mtu ${wiring.networks.get(port.network_id)?.mtu ?? 1450} up`,
    ...addressesOf(port, wiring).map((address) => `addr add ${address} dev ${name}`), ...more.map((address) => `addr add ${address}/${bits} dev ${name}`),
    ...(subnet?.gateway_ip ? [`route replace default via ${subnet.gateway_ip} dev ${name}`] : [])]);
}

/** The switch knows nothing more of the port. */
export async function unplug(portId: string): Promise<void> {
  await vsctl(['--if-exists', 'del-port', interfaceOf(portId)]);
}
