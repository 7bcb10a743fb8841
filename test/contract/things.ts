/** Things for one test, which are gone when it has ended; made outside of a test they go with their project. */
import { onTestFinished } from 'vitest';
import * as cinder from '../../layers/openstack/cinder.ts';
import * as glance from '../../layers/openstack/glance.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { type Actor } from './actors.ts';
import { uniqueName } from './names.ts';
import { until } from './cloud.ts';

/** In reverse order of what was asked for; also when the test fails. */
export function whenDone(step: () => Promise<unknown>): void {
  try {
    onTestFinished(async () => { await step(); });
  } catch {
    // outside of a test
  }
}

export async function makeNetwork({ session }: Actor, cidr = '100.96.0.0/20'): Promise<{ networkId: string; subnetId: string }> {
  const { id: networkId } = await neutron.createNetwork(session, { name: uniqueName('network') });
  whenDone(() => neutron.deleteNetwork(session, networkId));
  const { id: subnetId } = await neutron.createSubnet(session, { name: uniqueName('subnet'), network_id: networkId, ip_version: 4, cidr });
  return { networkId, subnetId };
}

/** `by` makes it and takes it away. */
export async function makePort({ session }: Actor, port: Partial<neutron.PortCreate> & { network_id: string }): Promise<neutron.Port> {
  const made = await neutron.createPort(session, { name: uniqueName('port'), ...port });
  whenDone(() => neutron.deletePort(session, made.id));
  return made;
}

export async function makeGroup({ session }: Actor, group: Partial<neutron.SecurityGroupCreate> = {}): Promise<neutron.SecurityGroup> {
  const made = await neutron.createSecurityGroup(session, { name: uniqueName('group'), ...group });
  whenDone(() => neutron.deleteSecurityGroup(session, made.id));
  return made;
}

/** With a gateway to the outside and, where a subnet is given, an interface there. */
export async function makeRouter(by: Actor, subnetId?: string): Promise<{ routerId: string; externalId: string }> {
  const { session } = by;
  const externalId = await externalNetwork(by);
  const { id: routerId } = await neutron.createRouter(session, { name: uniqueName('router'), external_gateway_info: { network_id: externalId } });
  whenDone(() => neutron.deleteRouter(session, routerId));
  if (subnetId) {
    await neutron.addRouterInterface(session, routerId, { subnet_id: subnetId });
    whenDone(async () => {
      const joined = await neutron.listPorts(session, { device_id: routerId, device_owner: 'network:router_interface' });
      for (const { id } of joined) await neutron.removeRouterInterface(session, routerId, { port_id: id });
    });
  }
  return { routerId, externalId };
}

export async function externalNetwork({ session }: Actor): Promise<string> {
  const [external] = await neutron.listNetworks(session, { 'router:external': true });
  return external!.id;
}

export async function makeFloatingIp({ session }: Actor, address: neutron.FloatingIpCreate): Promise<neutron.FloatingIp> {
  const made = await neutron.createFloatingIp(session, address);
  whenDone(() => neutron.deleteFloatingIp(session, made.id));
  return made;
}

export async function makeTrunk({ session }: Actor, portId: string, subPorts: neutron.SubPort[] = []): Promise<neutron.Trunk> {
  const made = await neutron.createTrunk(session, { name: uniqueName('trunk'), port_id: portId, sub_ports: subPorts });
  whenDone(() => neutron.deleteTrunk(session, made.id));
  return made;
}

/** On VLAN 100, unless said otherwise. */
export const subPort = (port_id: string, segmentation_id = 100): neutron.SubPort => ({ port_id, segmentation_type: 'vlan', segmentation_id });

/** Available when it is returned. */
export async function makeVolume({ session }: Actor, volume: Partial<cinder.VolumeCreate> = {}): Promise<cinder.Volume> {
  const { id } = await cinder.createVolume(session, { name: uniqueName('volume'), size: 1, ...volume });
  whenDone(() => removeVolume(session, id));
  await until(async () => (await cinder.getVolume(session, id))?.status === 'available');
  return (await cinder.getVolume(session, id))!;
}

/** As soon as nothing has it any more. */
async function removeVolume(session: Actor['session'], id: string): Promise<void> {
  await until(async () => {
    const volume = await cinder.getVolume(session, id);
    if (volume?.status === 'available' || volume?.status.startsWith('error')) await cinder.deleteVolume(session, id, { cascade: true });
    return volume === undefined;
  });
}

/** The smallest flavor, the first image, no network. */
export async function serverBody({ session }: Actor, more: Partial<nova.ServerCreate> = {}): Promise<nova.ServerCreate> {
  const [flavors, images] = await Promise.all([nova.listFlavors(session), glance.listImages(session, { status: 'active' })]);
  const flavor = flavors.toSorted((a, b) => a.ram - b.ram || a.name.localeCompare(b.name))[0]!;
  const image = images.toSorted((a, b) => a.min_disk - b.min_disk || a.name.localeCompare(b.name))[0]!;
  return { name: uniqueName('server'), flavorRef: flavor.id, imageRef: image.id, networks: 'none', ...more };
}

/** Only begun. */
export async function bootServer(by: Actor, more: Partial<nova.ServerCreate> = {}, hints?: { group: string }): Promise<string> {
  const { id } = await nova.createServer(by.session, await serverBody(by, more), hints);
  whenDone(() => removeServer(by, id));
  return id;
}

/** As it is when nothing more happens to it: ACTIVE, or ERROR. */
export async function builtServer({ session }: Actor, id: string): Promise<nova.Server> {
  await until(async () => ['ACTIVE', 'ERROR'].includes((await nova.getServer(session, id))?.status ?? ''));
  return (await nova.getServer(session, id))!;
}

/** Returns when the server is gone. */
export async function removeServer({ session }: Actor, id: string): Promise<void> {
  await nova.deleteServer(session, id);
  await until(async () => (await nova.getServer(session, id)) === undefined);
}

/** Only begun. */
export async function beginLoadBalancer(by: Actor, more: Partial<octavia.LoadBalancerCreate>): Promise<octavia.LoadBalancer> {
  const made = await octavia.createLoadBalancer(by.session, { name: uniqueName('lb'), ...more } as octavia.LoadBalancerCreate);
  whenDone(() => removeLoadBalancer(by, made.id));
  return made;
}

/** ACTIVE when it is returned. */
export async function makeLoadBalancer(by: Actor, more: Partial<octavia.LoadBalancerCreate>): Promise<octavia.LoadBalancer> {
  const { id } = await beginLoadBalancer(by, more);
  await settled(by, id);
  return (await octavia.getLoadBalancer(by.session, id))!;
}

/** Returns when the load balancer can be changed again. */
export async function settled({ session }: Actor, loadBalancerId: string): Promise<void> {
  await until(async () => (await octavia.getLoadBalancer(session, loadBalancerId))?.provisioning_status === 'ACTIVE');
}

/** With its children; returns when it is gone. */
export async function removeLoadBalancer({ session }: Actor, id: string): Promise<void> {
  await until(async () => {
    const balancer = await octavia.getLoadBalancer(session, id);
    if (balancer && !balancer.provisioning_status.startsWith('PENDING')) await octavia.deleteLoadBalancer(session, id, { cascade: true });
    return balancer === undefined;
  });
}
