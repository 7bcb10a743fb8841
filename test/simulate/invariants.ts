/** What must hold of a world, whatever went wrong in it. */
import { countsOf, expected, thingsOf, type Reference } from './reference.ts';
import type { Tenant } from './users.ts';
import type { World } from './world.ts';

/** RUNNING means: exactly one of each thing, marked, and as many as a cluster has that nothing ever went wrong with. */
export async function checkRunning(reference: Reference, world: World, tenant: Tenant): Promise<void> {
  const view = await tenant.view();
  if (!view) return world.break(`${tenant.name} runs and cannot be read`);
  const sizes = view.node_groups.map(({ scale_spec: { fixed_scale: { size } } }) => size);
  const shape = { masters: tenant.masters as 1 | 3, ownApi: tenant.ownApi, groups: sizes.length, workers: sizes.reduce((sum, size) => sum + size, 0) };
  const [wanted, found] = [expected(reference, shape), countsOf(world, tenant.id)];
  for (const kind of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    if ((wanted[kind] ?? 0) !== (found[kind] ?? 0)) world.break(`${tenant.name} runs with ${found[kind] ?? 0} ${kind}, not ${wanted[kind] ?? 0}${named(world, tenant.id, kind)}`);
  }
}

function named(world: World, clusterId: string, kind: string): string {
  const things = thingsOf(world, clusterId).get(kind.replace(' with the mark', '')) ?? [];
  return things.length > 12 ? '' : `: ${things.map(({ name }) => name || 'unnamed').join(', ')}`;
}

/** Deleted means: nothing with our mark anywhere, in either project. */
export function checkGone(world: World, tenant: Tenant): void {
  for (const [kind, things] of thingsOf(world, tenant.id)) {
    world.break(`${tenant.name} is deleted and leaves ${kind}: ${things.map(({ name, id }) => name || id).join(', ')}`);
  }
}

/** What belongs to nobody's cluster, by id: whoever lists it before and after sees what was touched. */
export function foreignThings(world: World, projectIds: string[]): string[] {
  return Object.values(world.cloud.leftovers({ projectIds })).flatMap((kinds) =>
    Object.entries(kinds).flatMap(([kind, things]) => things.map(({ id, name }) => `${kind} ${name} ${id}`))).toSorted();
}

export function checkForeign(world: World, before: readonly string[], projectIds: string[]): void {
  const after = foreignThings(world, projectIds);
  for (const gone of before.filter((thing) => !after.includes(thing))) world.break(`somebody else's is gone: ${gone}`);
  for (const left of after.filter((thing) => !before.includes(thing))) world.break(`left in the user's project: ${left}`);
}

/** Far more than a lease, a sweep and some deaths take. */
const graceMs = 3_600_000;

/** What takes longer than it may has ended or is held, with its cause. */
export function checkOnTime(world: World): void {
  const going = new Set([...world.tables.rows('operations').values()].filter(({ status }) => status === 'going').map(({ id }) => id));
  for (const { operationId, key, status, deadline } of world.tables.rows('steps').values()) {
    const isOpen = going.has(operationId) && ['ready', 'running', 'waiting'].includes(String(status));
    if (isOpen && world.clock.now() > Number(deadline) + graceMs) world.break(`${String(key)} goes on an hour after its time: ${String(status)}`);
  }
}

/** No password, key or token in a message, a log or, in clear text, in a table. */
export function checkSecrets(world: World): void {
  const places = { messages: world.queues.bodies.join('\n'), logs: world.log.join('\n'), tables: world.tables.text(), answers: world.answers.join('\n') };
  for (const [place, text] of Object.entries(places)) {
    for (const secret of world.secrets) if (text.includes(secret)) world.break(`a secret is in the ${place}: ${around(text, secret)}`);
  }
}

const around = (text: string, secret: string): string => {
  const at = text.indexOf(secret);
  return text.slice(Math.max(0, at - 120), at).replaceAll('\n', ' ');
};
