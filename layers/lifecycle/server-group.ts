/** A server group keeps machines that do one job on different hosts, as far as there are enough. */
import { gone, type Done } from '../engine/step.ts';
import * as nova from '../openstack/nova.ts';
import type { Session } from '../openstack/session.ts';

export async function ensureServerGroup(session: Session, name: string): Promise<{ groupId: string }> {
  const found = (await nova.listServerGroups(session)).find((group) => group.name === name);
  const { id } = found ?? await nova.createServerGroup(session, { name, policy: 'soft-anti-affinity' });
  return { groupId: id };
}

export async function removeServerGroups(session: Session, name: string): Promise<Done<undefined>> {
  const found = (await nova.listServerGroups(session)).filter((group) => group.name === name);
  await Promise.all(found.map(({ id }) => nova.deleteServerGroup(session, id)));
  return gone;
}
