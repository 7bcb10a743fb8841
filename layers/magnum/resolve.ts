/** Flavors and networks, which the Magnum API takes by name or id, and finds by itself where there is no choice. */
import type { Problem } from '../admission/problem.ts';
import * as neutron from '../openstack/neutron.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';

/** Thrown to be told with all the others. */
export class Unresolved extends Error {
  override name = 'Unresolved';
  readonly problems: Problem[];
  constructor(path: string, code: string, message: string) {
    super(message);
    this.problems = [{ path: `$.${path}`, code, message }];
  }
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** The ids of flavors, in the same order. What cannot be found stays as it is: admission tells of it. */
export async function flavorIds(user: Session, idents: readonly string[]): Promise<string[]> {
  if (idents.every(isUuid)) return [...idents];
  const flavors = await nova.listFlavors(user);
  return idents.map((ident) => flavors.find(({ id }) => id === ident)?.id ?? flavors.find(({ name }) => name === ident)?.id ?? ident);
}

/** The id of an external network. */
export async function externalNetworkId(user: Session, ident: string): Promise<string> {
  if (isUuid(ident)) return ident;
  return oneOf(await neutron.listNetworks(user, { name: ident }), ident, 'external_network_id', 'external network');
}

export interface Place { networkId: string; subnetId: string }

/** The network and subnet of the nodes. Without a network: the project's only one behind a router. */
export async function placeOf(user: Session, projectId: string, network: string | undefined, subnet: string | undefined): Promise<Place> {
  if (network === undefined && subnet === undefined) return onlyPlace(user, projectId);
  const networkId = network === undefined || isUuid(network) ? network
    : oneOf(await neutron.listNetworks(user, { name: network }), network, 'fixed_network', 'fixed network');
  if (networkId !== undefined && subnet !== undefined && isUuid(subnet)) return { networkId, subnetId: subnet };
  const found = (await neutron.listSubnets(user, { ...(networkId !== undefined && { network_id: networkId }) }))
    .filter(({ id, name, ip_version }) => (subnet === undefined ? ip_version === 4 : id === subnet || name === subnet));
  const subnetId = oneOf(found, subnet ?? '', 'fixed_subnet', subnet === undefined ? 'IPv4 subnet of the network' : 'fixed subnet');
  return { networkId: networkId ?? found[0]!.network_id, subnetId };
}

async function onlyPlace(user: Session, projectId: string): Promise<Place> {
  const [subnets, interfaces] = await Promise.all([
    neutron.listSubnets(user, { project_id: projectId }), neutron.listPorts(user, { device_owner: 'network:router_interface' }),
  ]);
  const routed = new Set(interfaces.flatMap(({ fixed_ips }) => fixed_ips.map(({ subnet_id }) => subnet_id)));
  const found = subnets.filter(({ id, ip_version, gateway_ip }) => ip_version === 4 && gateway_ip && routed.has(id));
  const [subnet] = found;
  if (subnet && found.length === 1) return { networkId: subnet.network_id, subnetId: subnet.id };
  const there = found.length === 0 ? 'none of this project\'s subnets is behind a router' : `there are several: ${found.map(({ name, id }) => `${name} (${id})`).join(', ')}`;
  throw new Unresolved('fixed_network', 'required', `say on which network the nodes are to be; ${there}`);
}

function oneOf(found: readonly { id: string }[], ident: string, path: string, what: string): string {
  const [first, ...more] = found;
  if (!first) throw new Unresolved(path, 'not_found', `Unable to find ${what} ${ident}`.trim());
  if (more.length > 0) throw new Unresolved(path, 'ambiguous', `there is more than one ${what} ${ident}; give its id`);
  return first.id;
}
