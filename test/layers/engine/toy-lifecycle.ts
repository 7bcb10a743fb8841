/** A small lifecycle with everything the engine offers: parallel steps, waits, child operations, a delete that turns round. */
import { at, flow, undo, undoing, type Policy } from '../../../layers/engine/flow.ts';
import type { Operation, StepRecord } from '../../../layers/engine/ports.ts';
import { done, gone, stepsOf, wait, type Outcome } from '../../../layers/engine/step.ts';

export interface Thing { id: string; name: string; active: boolean }
export interface Cloud { list(prefix: string): Promise<Thing[]>; create(name: string, buildMs: number): Promise<Thing>; remove(id: string): Promise<void> }
export interface Context {
  cloud: Cloud;
  start(id: string, flow: string, parent: { operationId: string; key: string }): Promise<Operation | undefined>;
  turn(id: string): Promise<boolean>;
  stillOpen(id: string): Promise<boolean>;
  operation?: Operation;
  record?: StepRecord;
}

const step = stepsOf<Context>();
const policy: Policy = { timeoutMs: 6 * 3_600_000, attempts: 200, backoffMs: 1_000, weight: 1 };

async function ensure(cloud: Cloud, names: readonly string[], buildMs: number): Promise<Outcome<{ ids: string[] }>> {
  const found = await cloud.list(names[0]!.split('-')[0]!);
  for (const name of names) if (!found.some((thing) => thing.name === name)) await cloud.create(name, buildMs);
  if (buildMs > 0 && found.filter(({ active }) => active).length < names.length) return wait('building');
  return done({ ids: found.map(({ id }) => id) });
}
async function absent(cloud: Cloud, prefix: string): Promise<Outcome<undefined>> {
  const found = await cloud.list(prefix);
  for (const { id } of found) await cloud.remove(id);
  return found.length === 0 ? gone : wait('deleting');
}

const network = step({ name: 'network', title: 'network', run: ({ cloud }) => ensure(cloud, ['network'], 0), undo: ({ cloud }) => absent(cloud, 'network') });
const lb = step({ name: 'lb', title: 'lb', run: ({ cloud }, _n: { network: object }) => ensure(cloud, ['lb'], 60_000), undo: ({ cloud }) => absent(cloud, 'lb') });
const servers = step({ name: 'servers', title: 'servers', run: ({ cloud }, _n: { network: object }) => ensure(cloud, ['server-0', 'server-1', 'server-2'], 20_000), undo: ({ cloud }) => absent(cloud, 'server') });
const members = step({ name: 'members', title: 'members', run: ({ cloud }, _n: { network: object }) => ensure(cloud, ['group-0', 'group-1'], 20_000), undo: ({ cloud }) => absent(cloud, 'group') });

const child = async ({ start, operation, record }: Context, flowName: string): Promise<Outcome<object>> => {
  const started = await start(`${operation!.id}/${flowName}`, flowName, { operationId: operation!.id, key: record!.key });
  return started?.status === 'succeeded' ? done({}) : wait('group');
};
const group = step({ name: 'group', title: 'group', run: (context) => child(context, 'createGroup'), undo: (context) => child(context, 'deleteGroup') });

const changesEnded = step({
  name: 'changesEnded', title: 'changes ended', undo: async () => gone,
  run: async ({ turn, stillOpen }) => (await turn('create') || await stillOpen('create') ? wait('turning') : done({})),
});

const ended = at(changesEnded, [], policy);
const create = flow('create', 'Create', [at(network, [], policy), at(lb, [network], policy), at(servers, [network], policy), at(group, [], policy)]);
const groupGone = undoing(group, [ended], policy);

export const flows = [
  create,
  flow('createGroup', 'Create group', [at(members, [network], policy)], [network]),
  flow('deleteGroup', 'Delete group', [...undo([at(members, [network], policy)], [], policy)]),
  flow('delete', 'Delete', [ended, groupGone, ...undo(create.nodes.filter(({ key }) => key !== 'group'), [ended, groupGone], policy)]),
];
