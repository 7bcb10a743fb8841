/**
 * The doctor's stay in a cloud: two projects of Moorage's domain, one in the part of a cluster's service project and one in
 * the part of a user's. They are gone afterwards with everything in them, those of earlier stays that were cut short too.
 */
import { randomBytes } from 'node:crypto';
import * as keystone from '../../layers/openstack/keystone.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import { openSession, type Session } from '../../layers/openstack/session.ts';
import { readSettings } from '../../layers/platform/settings.ts';
import { createTransport, type Transport } from '../../layers/openstack/transport.ts';
import { scopeOf, type CloudAccess, type Login } from '../clouds.ts';
import type { Patient } from './check.ts';

const tag = 'moorage-doctor';

export interface Visit { patient: Patient; end(): Promise<void> }

/** A session of that login in this cloud, by the cloud's own authority. */
export function sessionOf(cloud: CloudAccess, login: Login, scope = scopeOf(login)): Session {
  const { username, password, userDomainName } = login;
  return openSession({
    authUrl: cloud.authUrl, region: cloud.regionName, http: transportOf(cloud), scope, credential: { username, password, userDomainName },
  });
}

const transports = new WeakMap<CloudAccess, Transport>();

/** The same for the same cloud: it keeps connections. */
export function transportOf(cloud: CloudAccess): Transport {
  const known = transports.get(cloud) ?? createTransport({ ca: cloud.env.OS_CA_CERTIFICATE });
  transports.set(cloud, known);
  return known;
}

export async function beginVisit(cloud: CloudAccess): Promise<Visit> {
  const settings = readSettings({ ...cloud.env, EXTERNAL_NETWORK: cloud.env.EXTERNAL_NETWORK ?? 'public' });
  const { platform } = cloud;
  const domain = sessionOf(cloud, platform);
  const inProject = (projectId: string): Session => sessionOf(cloud, platform, { projectId });
  await removeProjects(domain, (await keystone.listProjects(domain, { tags: tag })).map(({ id }) => ({ id, session: inProject(id) })));
  const mark = `${tag}-${randomBytes(4).toString('hex')}`;
  const create = async (name: string) => (await keystone.createProject(domain, { name, description: 'Moorage: made by its doctor, for a minute', enabled: true, tags: [tag] })).id;
  const projectId = await create(mark);
  const otherProjectId = await create(`${mark}-user`);
  const project = inProject(projectId);
  const other = inProject(otherProjectId);
  return {
    patient: { cloud, settings, domain, project, projectId, other, otherProjectId, mark },
    async end() {
      for (const { id } of await keystone.listUsers(domain, { name: mark })) await keystone.deleteUser(domain, id);
      await removeProjects(domain, [{ id: projectId, session: project }, { id: otherProjectId, session: other }]);
    },
  };
}

interface Own { id: string; session: Session }

/** What holds things of other projects goes first. Other services keep nothing of the doctor's. */
async function removeProjects(domain: Session, projects: readonly Own[]): Promise<void> {
  for (const { id: project_id, session } of projects) {
    for (const { id } of await neutron.listTrunks(session, { project_id })) await neutron.deleteTrunk(session, id);
  }
  for (const project of projects) await empty(project);
  for (const { id } of projects) await keystone.deleteProject(domain, id);
}

/** In the order in which Neutron lets go. */
async function empty({ id: project_id, session }: Own): Promise<void> {
  const ours = { project_id };
  for (const { id } of await neutron.listFloatingIps(session, ours)) await neutron.deleteFloatingIp(session, id);
  for (const { id } of await neutron.listRouters(session, ours)) await neutron.deleteRouter(session, id);
  for (const { id } of await neutron.listPorts(session, ours)) await neutron.deletePort(session, id);
  for (const { id } of await neutron.listNetworks(session, ours)) await neutron.deleteNetwork(session, id);
  const groups = await neutron.listSecurityGroups(session, ours);
  // The default one comes by itself, and only administrators could take it away.
  for (const { id } of groups.filter(({ name }) => name !== 'default')) await neutron.deleteSecurityGroup(session, id);
}
