/** Takes everything away that a project has in any service, in the order that the services allow. */
import * as cinder from '../../layers/openstack/cinder.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { until } from './cloud.ts';

/** Returns when nothing is left; throws when something will not go. */
export async function emptyProject(admin: Session, projectId: string): Promise<void> {
  await emptyOctavia(admin, projectId);
  await emptyNova(admin, projectId);
  await emptyNeutron(admin, projectId);
  await emptyCinder(admin, projectId);
  await Promise.all([nova.deleteQuotaSet, neutron.deleteQuota, cinder.deleteQuotaSet, octavia.deleteQuota].map((reset) => reset(admin, projectId)));
}

async function emptyOctavia(admin: Session, project_id: string): Promise<void> {
  await until(async () => {
    const left = await octavia.listLoadBalancers(admin, { project_id });
    for (const { id, provisioning_status } of left) {
      if (!provisioning_status.startsWith('PENDING')) await octavia.deleteLoadBalancer(admin, id, { cascade: true });
    }
    return left.length === 0;
  });
}

async function emptyNova(admin: Session, project_id: string): Promise<void> {
  await until(async () => {
    const left = await nova.listServers(admin, { all_tenants: true, project_id });
    for (const { id } of left) await nova.deleteServer(admin, id);
    return left.length === 0;
  });
  for (const { id } of (await nova.listServerGroups(admin, { all_projects: true })).filter((group) => group.project_id === project_id)) {
    await nova.deleteServerGroup(admin, id);
  }
}

async function emptyNeutron(admin: Session, project_id: string): Promise<void> {
  for (const { id } of await neutron.listFloatingIps(admin, { project_id })) await neutron.deleteFloatingIp(admin, id);
  for (const { id } of await neutron.listTrunks(admin, { project_id })) await neutron.deleteTrunk(admin, id);
  for (const router of await neutron.listRouters(admin, { project_id })) {
    for (const port of await neutron.listPorts(admin, { device_id: router.id, device_owner: 'network:router_interface' })) {
      await neutron.removeRouterInterface(admin, router.id, { port_id: port.id });
    }
    await neutron.deleteRouter(admin, router.id);
  }
  for (const { id } of await neutron.listPorts(admin, { project_id })) await neutron.deletePort(admin, id);
  for (const { id } of await neutron.listNetworks(admin, { project_id })) {
    for (const port of await neutron.listPorts(admin, { network_id: id })) {
      if (!port.device_owner.startsWith('network:')) await neutron.deletePort(admin, port.id);
    }
    await neutron.deleteNetwork(admin, id);
  }
  for (const { id } of await neutron.listSecurityGroups(admin, { project_id })) await neutron.deleteSecurityGroup(admin, id);
}

async function emptyCinder(admin: Session, project_id: string): Promise<void> {
  await until(async () => {
    const left = await cinder.listVolumes(admin, { all_tenants: true, project_id });
    for (const { id, status } of left) {
      if (status === 'available' || status.startsWith('error')) await cinder.deleteVolume(admin, id, { cascade: true });
    }
    return left.length === 0;
  });
}
