/** Several ports of one owner with one mark: found in one listing, made in one call. */
import { gone, type Done } from '../engine/step.ts';
import * as neutron from '../openstack/neutron.ts';
import type { Session } from '../openstack/session.ts';
import { byName } from './oldest.ts';

/** `description` is the mark that all of them carry, and nothing else does. */
interface Owner { project_id: string; description: string }

/** Every wanted port is there; the ports by name. */
export async function ensurePorts(session: Session, owner: Owner, wanted: readonly neutron.PortCreate[]): Promise<Map<string, neutron.Port>> {
  const found = byName(await neutron.listPorts(session, { ...owner }));
  const missing = wanted.filter(({ name }) => !found.has(name));
  const made = missing.length > 0 ? await neutron.createPorts(session, missing.map((port) => ({ ...port, ...owner }))) : [];
  return new Map([...found, ...made.map((port) => [port.name, port] as const)]);
}

/** No port of these names (or, without names, none with the mark) is left. */
export async function removePorts(session: Session, owner: Owner, names?: readonly string[]): Promise<Done<undefined>> {
  const found = await neutron.listPorts(session, { ...owner });
  const leaving = found.filter(({ name }) => !names || names.includes(name));
  await Promise.all(leaving.map(({ id }) => neutron.deletePort(session, id)));
  return gone;
}
