/** Several servers at once: one listing tells of all of them, what is missing is booted side by side. */
import { Setback } from '../engine/failure.ts';
import { done, gone, more, wait, type Outcome } from '../engine/step.ts';
import { isOpenStackError } from '../openstack/error.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';
import { byName } from './oldest.ts';

export interface WantedServer { name: string; body(): nova.ServerCreate; groupId: string }

/** A run creates at most this many, so that it ends well within its function's timeout. */
const batch = 20;
/** Of so many broken servers the cause is told. */
const told = 3;

/**
 * Every wanted server is there, ACTIVE and on its network; the ids by name. `isWaiting`: they have been asked for, so that it
 * is enough to hear which are still being built.
 */
export async function ensureServers(session: Session, wanted: readonly WantedServer[], isWaiting: boolean): Promise<Outcome<Record<string, string>>> {
  if (isWaiting) {
    const building = new Set((await nova.listServerNames(session, { status: 'BUILD' })).map(({ name }) => name));
    const left = wanted.filter(({ name }) => building.has(name)).length;
    if (left > 0) return wait(`${count(left, 'server')} of ${wanted.length} not ACTIVE yet`);
  }
  const found = byName(await nova.listServers(session));
  const missing = wanted.filter(({ name }) => !found.has(name));
  await Promise.all(missing.slice(0, batch).map(({ body, groupId }) => nova.createServer(session, body(), { group: groupId })));
  if (missing.length > batch) return more(`${missing.length - batch} servers are still to be created`);
  if (missing.length > 0) return wait(`${count(missing.length, 'server')} being booted`);

  const servers = wanted.map(({ name }) => found.get(name)!);
  await replaceBroken(session, servers);
  const booting = servers.filter(({ status }) => status !== 'ACTIVE');
  await Promise.all(booting.filter(({ status }) => status === 'SHUTOFF').map(({ id }) => nova.startServer(session, id)));
  if (booting.length > 0) return wait(`${count(booting.length, 'server')} of ${servers.length} not ACTIVE yet`);
  return done(Object.fromEntries(servers.map(({ name, id }) => [name, id])));
}

/**
 * A server in ERROR stays there, and one that two creates raced for is ACTIVE without a network: either is taken away,
 * its ports and volumes stay, and the next run boots another.
 */
async function replaceBroken(session: Session, servers: readonly nova.Server[]): Promise<void> {
  const broken = servers.filter(({ status, addresses }) => status === 'ERROR' || (status === 'ACTIVE' && Object.keys(addresses).length === 0));
  if (broken.length === 0) return;
  const causes = await Promise.all(broken.slice(0, told).map(async (server) => `${server.name}: ${await causeOf(session, server)}`));
  if (broken.length > told) causes.push(`and ${broken.length - told} more`);
  const deleted = await Promise.allSettled(broken.map(({ id }) => nova.deleteServer(session, id)));
  const refused = deleted.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
  const asksToWait = refused.find((error) => isOpenStackError(error, 429));
  if (asksToWait) throw asksToWait;
  // What broke them may keep them from being deleted as well (without Placement Nova does neither): it is the first cause that tells.
  const kept = refused.length > 0 ? `. ${count(refused.length, 'server')} not deleted yet: ${refused[0]!.message}` : '';
  throw new Setback(`Servers could not be booted and are being made anew. ${causes.join('; ').replace(/\.$/, '')}${kept || '.'}`);
}

/** Nova's lists leave out why a server never got a host (seen on a Zed Nova: such servers are in the cell of those); the server itself tells. */
async function causeOf(session: Session, { id, status, fault }: nova.Server): Promise<string> {
  if (status === 'ACTIVE') return 'it came up without its network';
  return (fault ?? (await nova.getServer(session, id))?.fault)?.message.trim() ?? 'Nova says nothing of why';
}

/** No server of these names is left. */
export async function removeServers(session: Session, names: readonly string[]): Promise<Outcome<undefined>> {
  const leaving = new Set(names);
  const found = (await nova.listServers(session)).filter(({ name }) => leaving.has(name));
  const asked = found.filter((server) => server['OS-EXT-STS:task_state'] !== 'deleting');
  await Promise.all(asked.slice(0, batch * 2).map(({ id }) => nova.deleteServer(session, id)));
  return found.length === 0 ? gone : wait(`${count(found.length, 'server')} being deleted`);
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? ' is' : 's are'}`;
