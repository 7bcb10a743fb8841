/** A configuration drive as Nova writes it: what a virtual machine's cloud-init reads at its first boot. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../../local/kube-build/run-program.ts';

export interface Drive {
  instanceId: string;
  name: string;
  /** As a server is given it: compressed, in base64. */
  userData: string;
  /** Of the one port that Nova knows. */
  port: { macAddress: string; address: string; netmask: string; gateway?: string; mtu: number; dnsServers: string[] };
}

/** Writes the drive, an ISO 9660 image, below `folder`; returns its path. */
export async function writeConfigDrive(folder: string, { instanceId, name, userData, port }: Drive): Promise<string> {
  const latest = join(folder, 'drive/openstack/latest');
  mkdirSync(latest, { recursive: true });
  const put = (file: string, document: unknown): void => writeFileSync(join(latest, file), JSON.stringify(document));
  put('meta_data.json', { uuid: instanceId, name, hostname: name, availability_zone: 'zone-1', launch_index: 0, meta: {} });
  put('network_data.json', {
    links: [{ id: 'tap0', vif_id: 'port-0', type: 'ovs', mtu: port.mtu, ethernet_mac_address: port.macAddress }],
    networks: [{
      id: 'network0', link: 'tap0', type: 'ipv4', network_id: 'network-0', ip_address: port.address, netmask: port.netmask,
      routes: port.gateway ? [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: port.gateway }] : [],
    }],
    services: port.dnsServers.map((address) => ({ type: 'dns', address })),
  });
  writeFileSync(join(latest, 'user_data'), Buffer.from(userData, 'base64'));
  const iso = join(folder, 'drive.iso');
  await runProgram('genisoimage', ['-quiet', '-o', iso, '-ldots', '-allow-lowercase', '-allow-multidot', '-l', '-V', 'config-2', '-r', '-J', join(folder, 'drive')]);
  return iso;
}
