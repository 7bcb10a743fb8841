/** A bare client for the tests: one call, one answer, nothing hidden. */
import type { Login } from '../../../local/clouds.ts';
import type { Cloud } from '../../../local/openstack/cloud.ts';

export interface Answer {
  status: number;
  headers: Headers;
  /** The body as JSON; text where it is none. */
  // eslint-disable-next-line typescript/no-explicit-any -- tests look into bodies of every shape
  body: any;
  text: string;
}

export type Service = 'identity' | 'compute' | 'network' | 'volumev3' | 'load-balancer' | 'image';
const VERSIONS: Partial<Record<Service,
  string>> = { 'network': '/v2.0', 'load-balancer': '/v2.0/lbaas', 'image': '/v2' };

/** Somebody's token, and calls with it. */
export interface Client {
  token: string;
  projectId: string;
  userId: string;
  call(service: Service, method: string, path: string, body?: unknown, headers?: Record<string,
    string>): Promise<Answer>;
}

/** Nova of the newest microversion. */
export const NEW = { 'OpenStack-API-Version': 'compute 2.93' };

/** Logs in; throws with the answer when that is refused. */
export async function login(authUrl: string, credential: Partial<Login>, scope?: unknown): Promise<Client> {
  const answer = await authenticate(authUrl, credential, scope);
  if (answer.status !== 201) throw new Error(`login: ${answer.status} ${answer.text}`);
  const { token } = answer.body;
  const urls = new Map<string, string>(token.catalog.map((entry: { type: string; endpoints: { url: string }[] }) =>
    [entry.type, entry.endpoints[0]?.url ?? `${authUrl.replace('/identity/v3', '')}/volume/v3`]));
  const id = answer.headers.get('x-subject-token') ?? '';
  return {
    token: id, projectId: token.project?.id ?? '', userId: token.user.id,
    call: (service, method, path, body, headers) =>
      send(method, `${urls.get(service)}${VERSIONS[service] ?? ''}${path}`, body, { 'X-Auth-Token': id, ...headers }),
  };
}

export function authenticate(authUrl: string, credential: Partial<Login>, scope?: unknown): Promise<Answer> {
  const { username, password, userDomainName, projectName, projectDomainName, domainName } = credential;
  const usual = projectName ? { project: { name: projectName, domain: { name: projectDomainName } } }
    : { domain: { name: domainName } };
  const user = { name: username, password, domain: { name: userDomainName } };
  const identity = { methods: ['password'], password: { user } };
  return send('POST', `${authUrl}/auth/tokens`, { auth: { identity, scope: scope ?? usual } });
}

export async function send(
  method: string, url: string, body?: unknown, headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method, headers: { 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // not JSON: the text stands for itself
  }
  return { status: response.status, headers: response.headers, body: parsed, text };
}

/** The platform with a new project in its domain, a plain member of that project, and an administrator's token for it. */
export async function serviceProject(cloud: Cloud,
  name: string): Promise<{ id: string; admin: Client; member: Client; platform: Client }> {
  const platform = await login(cloud.authUrl, cloud.credentials.moorage);
  const { project } = (await platform.call('identity', 'POST', '/projects', { project: { name } })).body;
  const password = `${name}-password`;
  const { user } = (await platform.call('identity', 'POST', '/users', { user: { name, password } })).body;
  const { roles } = (await platform.call('identity', 'GET', '/roles')).body;
  for (const role of roles.filter((one: { name: string }) => ['member', 'load-balancer_member'].includes(one.name))) {
    await platform.call('identity', 'PUT', `/projects/${project.id}/users/${user.id}/roles/${role.id}`);
  }
  const administrator = await login(cloud.authUrl, cloud.credentials.admin);
  const admin = roles.find((role: { name: string }) => role.name === 'admin').id;
  await administrator.call('identity', 'PUT', `/projects/${project.id}/users/${administrator.userId}/roles/${admin}`);
  const scope = { project: { id: project.id } };
  const domain = cloud.credentials.moorage.userDomainName;
  return {
    id: project.id, platform, admin: await login(cloud.authUrl, cloud.credentials.admin, scope),
    member: await login(cloud.authUrl, { username: name, password, userDomainName: domain }, scope),
  };
}

/** A network with one subnet. */
export async function makeNetwork(client: Client, name: string,
  cidr: string): Promise<{ networkId: string; subnetId: string }> {
  const { network } = (await client.call('network', 'POST', '/networks', { network: { name } })).body;
  const { subnet } = (await client.call('network', 'POST', '/subnets', {
    subnet: { network_id: network.id, ip_version: 4, cidr },
  })).body;
  return { networkId: network.id, subnetId: subnet.id };
}

export async function makePort(client: Client, networkId: string, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await client.call('network', 'POST', '/ports', { port: { network_id: networkId, ...more } });
  if (answer.status !== 201) throw new Error(`port: ${answer.text}`);
  return answer.body.port.id;
}

/** `POST /servers` from an image. */
export async function boot(client: Client, name: string, more: Record<string, unknown>): Promise<Answer> {
  const { flavors } = (await client.call('compute', 'GET', '/flavors')).body;
  const { images } = (await client.call('image', 'GET', '/images')).body;
  const flavorRef = flavors.find((flavor: { name: string }) => flavor.name === 'lab.small').id;
  return client.call('compute', 'POST', '/servers', {
    server: { name, flavorRef, imageRef: images[0].id, networks: 'none', ...more },
  }, NEW);
}

/** The user's network as the cloud is seeded. */
export async function userNetwork(client: Client): Promise<{ networkId: string; subnetId: string }> {
  const { networks } = (await client.call('network', 'GET', '/networks?name=demo-net')).body;
  return { networkId: networks[0].id, subnetId: networks[0].subnets[0] };
}
