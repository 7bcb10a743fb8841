/** Everything that exists in some projects, asked of every service as administrator: who owns what, and what is left. */
import * as cinder from '../../layers/openstack/cinder.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import type { Session } from '../../layers/openstack/session.ts';

export interface Thing { service: string; kind: string; id: string; name: string; projectId: string }

/** Every resource of the given projects, and everything anywhere that names the cluster. */
export async function inventory(admin: Session, projectIds: readonly string[], clusterId: string | undefined): Promise<Thing[]> {
  const [servers, groups, volumes, snapshots, networks, subnets, routers, securityGroups, ports, trunks, floating, loadBalancers, projects, users] = await Promise.all([
    nova.listServers(admin, { all_tenants: true }), nova.listServerGroups(admin, { all_projects: true }),
    cinder.listVolumes(admin, { all_tenants: true }), cinder.listSnapshots(admin, { all_tenants: true }),
    neutron.listNetworks(admin), neutron.listSubnets(admin), neutron.listRouters(admin), neutron.listSecurityGroups(admin), neutron.listPorts(admin),
    neutron.listTrunks(admin), neutron.listFloatingIps(admin), octavia.listLoadBalancers(admin), keystone.listProjects(admin), keystone.listUsers(admin),
  ]);
  const of = <T extends { id: string }>(service: string, kind: string, found: readonly T[], describe: (thing: T) => { name: string; projectId: string; text?: string }): (Thing & { text: string })[] =>
    found.map((thing) => ({ service, kind, id: thing.id, text: '', ...describe(thing) }));
  const owned = (thing: { name: string; project_id: string; description?: string }) => ({ name: thing.name, projectId: thing.project_id, text: thing.description ?? '' });
  const all = [
    ...of('nova', 'server', servers, (server) => ({ name: server.name, projectId: server.tenant_id, text: server.tags.join() })),
    ...of('nova', 'server group', groups, (group) => ({ name: group.name, projectId: group.project_id })),
    ...of('cinder', 'volume', volumes, (volume) => ({ name: volume.name ?? '', projectId: volume['os-vol-tenant-attr:tenant_id'] ?? '', text: JSON.stringify(volume.metadata) })),
    ...of('cinder', 'snapshot', snapshots, (snapshot) => ({ name: snapshot.name ?? '', projectId: (snapshot as { 'os-extended-snapshot-attributes:project_id'?: string })['os-extended-snapshot-attributes:project_id'] ?? '' })),
    ...of('neutron', 'network', networks, owned), ...of('neutron', 'subnet', subnets, owned), ...of('neutron', 'router', routers, owned),
    // Every project has one of these from its first look at Neutron on, until the project goes.
    ...of('neutron', 'security group', securityGroups.filter(({ name }) => name !== 'default'), owned),
    ...of('neutron', 'port', ports, owned), ...of('neutron', 'trunk', trunks, owned),
    ...of('neutron', 'floating address', floating, (address) => ({ name: address.floating_ip_address, projectId: address.project_id, text: address.description })),
    ...of('octavia', 'load balancer', loadBalancers, owned),
    ...of('keystone', 'project', projects, (project) => ({ name: project.name, projectId: project.id, text: project.tags.join() })),
    ...of('keystone', 'user', users, (user) => ({ name: user.name, projectId: '' })),
  ];
  const inProjects = new Set(projectIds);
  return all
    .filter(({ name, projectId, text }) => inProjects.has(projectId) || (clusterId !== undefined && (name.includes(clusterId) || text.includes(clusterId))))
    .map(({ text: _text, ...thing }) => thing);
}

/** What of `after` was not there before. */
export function leftBehind(before: readonly Thing[], after: readonly Thing[]): Thing[] {
  const known = new Set(before.map(({ service, kind, id }) => `${service} ${kind} ${id}`));
  return after.filter(({ service, kind, id }) => !known.has(`${service} ${kind} ${id}`));
}

/** A table of counts: a line for each kind, a column for each project. */
export function ownershipTable(things: readonly Thing[], projects: Record<string, string>): string[] {
  const kinds = [...new Set(things.map(({ service, kind }) => `${service} ${kind}`))];
  const columns = Object.entries(projects);
  const width = Math.max(...kinds.map((kind) => kind.length), 10);
  const row = (first: string, cells: readonly string[]) => `  ${first.padEnd(width)}  ${cells.map((cell) => cell.padStart(16)).join('')}`;
  return [
    row('', columns.map(([title]) => title)),
    ...kinds.map((kind) => row(kind, columns.map(([, id]) => String(things.filter((thing) => `${thing.service} ${thing.kind}` === kind && thing.projectId === id).length || '·')))),
  ];
}
