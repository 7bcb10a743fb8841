/** An ordinary user of the cloud: their token, and what they find in their project to build a cluster from. */
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import { openSession, type Session } from '../../layers/openstack/session.ts';

export interface Person { username: string; password: string; userDomainName: string; projectName: string; projectDomainName: string }

export interface User { session: Session; token(): Promise<string>; projectId: string }

/** Logs in. The token is the one that the user would send to Moorage; it is renewed when it has less than five minutes. */
export async function logIn(authUrl: string, person: Person): Promise<User> {
  let current = await issue(authUrl, person);
  const { username, password, userDomainName, projectName, projectDomainName } = person;
  return {
    session: openSession({ authUrl, credential: { username, password, userDomainName }, scope: { projectName, projectDomainName } }),
    projectId: current.projectId,
    async token() {
      if (current.expiresAt - Date.now() < 300_000) current = await issue(authUrl, person);
      return current.token;
    },
  };
}

async function issue(authUrl: string, person: Person): Promise<{ token: string; expiresAt: number; projectId: string }> {
  const { username, password, userDomainName, projectName, projectDomainName } = person;
  const auth = {
    identity: { methods: ['password'], password: { user: { name: username, domain: { name: userDomainName }, password } } },
    scope: { project: { name: projectName, domain: { name: projectDomainName } } },
  };
  const response = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ auth }), signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`Keystone refused to log ${username} in: ${response.status} ${await response.text()}`);
  const { token } = await response.json() as { token: { expires_at: string; project: { id: string } } };
  return { token: response.headers.get('x-subject-token')!, expiresAt: Date.parse(token.expires_at), projectId: token.project.id };
}

export interface Choice { networkId: string; subnetId: string; externalNetworkId: string; flavorId: string; masterFlavorId?: string; zones: string[] }

export interface Preferences {
  /** The least for a master, beyond what will do for a node. */
  masterRamMiB?: number;
}

/** A network of the user's own that a router leads out of, the external network, the smallest flavor that will do, the zones. */
export async function choose({ session, projectId }: User, { masterRamMiB = 0 }: Preferences = {}): Promise<Choice> {
  const [networks, subnets, interfaces, flavors, zones] = await Promise.all([
    neutron.listNetworks(session), neutron.listSubnets(session, { project_id: projectId }),
    neutron.listPorts(session, { device_owner: 'network:router_interface' }), nova.listFlavors(session), nova.listAvailabilityZones(session),
  ]);
  const routed = new Set(interfaces.flatMap(({ fixed_ips }) => fixed_ips.map(({ subnet_id }) => subnet_id)));
  const external = networks.find((network) => network['router:external']);
  const subnet = subnets.find(({ id, gateway_ip }) => gateway_ip && routed.has(id));
  const will = flavors.filter(({ ram }) => ram >= 2_048).toSorted((a, b) => a.ram - b.ram);
  const flavor = will[0];
  const masterFlavor = will.find(({ ram }) => ram >= masterRamMiB);
  if (!external || !subnet || !flavor || !masterFlavor) throw new Error('The project lacks an external network, a subnet behind a router or a flavor with 2 GiB of memory.');
  return {
    networkId: subnet.network_id, subnetId: subnet.id, externalNetworkId: external.id, flavorId: flavor.id, masterFlavorId: masterFlavor.id,
    zones: zones.filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName).toSorted(),
  };
}
