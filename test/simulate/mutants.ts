/**
 * `npm run test:mutants`: what protects from doubles, leaks and losses is taken out of the code, one thing at a time. Each
 * time a simulated world must break: a mutant that survives is a protection that nothing shows to be needed. `--mutant
 * NAME` tries one. Ends with the one line that says how many were caught.
 */
import { parseArgs } from 'node:util';
import type { Edit } from './bundle.ts';
import { inAllWorlds } from './many.ts';
import { prepare, prepareWithout, type Portable } from './prepared.ts';
import type { Rates } from './troubles.ts';
import type { Script } from './users.ts';

export interface Mutant {
  /** What is missing. */
  name: string;
  edits: Edit[];
  /** Where the trouble is that it protects from; what a seed brings, where it is not said. */
  rates?: Partial<Rates>;
  /** What every user does, where the protection matters to few. */
  script?: Partial<Script>;
}

/** Seeds a mutant may live through before it counts as one that survived. */
const mostSeeds = 120;

const edit = (file: string, from: string, to: string): Edit => ({ file, from, to });
const killing: Partial<Rates> = { killed: 0.04 };

export const mutants: readonly Mutant[] = [
  { name: 'the lease', rates: killing,
    edits: [edit('layers/store/claim.ts', `group.where('status').eq('running').and().where('leaseUntil').lt(now - skewMs)`, `group.where('status').eq('running')`)] },
  { name: 'the fence', rates: { killed: 0.06, strays: 1, leastStrayMs: 355_000, mostStrayMs: 430_000, slowTable: 0.5, mostSlowMs: 15_000 },
    edits: [edit('layers/store/settle.ts', `where('fence').eq(fence).and().where('status').eq('running')`, `where('status').eq('running')`)] },
  { name: 'the sweep of steps', rates: killing,
    edits: [edit('layers/engine/sweep.ts', '...records.map(', '...records.slice(0, 0).map(')] },
  { name: 'the sweep of operations', rates: killing,
    edits: [edit('layers/engine/sweep.ts', '...operationIds.map(', '...operationIds.slice(0, 0).map(')] },
  { name: 'looking before a network is made', rates: killing,
    edits: [edit('functions/steps/service-network.ts', `oldest(await neutron.listNetworks(service, { name, project_id }))
      ?? await neutron.createNetwork`, 'await neutron.createNetwork')] },
  { name: 'looking before volumes are made', rates: killing,
    edits: [edit('layers/lifecycle/volumes.ts', 'const missing = wanted.filter(({ name }) => !found.has(name));', 'const missing = wanted.filter(({ name }) => !found.has(name) || wanted.length > 1 && Math.random() < 0.1);')] },
  { name: 'finding by what is set in the create call', rates: killing,
    edits: [
      edit('functions/steps/service-network.ts', 'oldest(await neutron.listNetworks(service, { name, project_id }))', 'oldest(await neutron.listNetworks(service, { tags: description, project_id } as never))'),
      edit('functions/steps/service-network.ts', '// No DHCP:', `await neutron.setTags(service, 'networks' as never, network.id, [description]);\n    // No DHCP:`),
    ] },
  { name: 'undoing what no record tells of', rates: killing,
    edits: [edit('layers/engine/work.ts', ': step.undo(context));', `: (await ports.store.listRecords((context as { cluster: { createOperationId: string } }).cluster.createOperationId)).some((other) => other.step === record.step && other.status !== 'done') ? { kind: 'done', output: undefined } as never : step.undo(context));`)] },
  { name: 'reading the operation again after the claim', rates: { slowTable: 0.4, mostSlowMs: 10_000 },
    edits: [edit('layers/engine/work.ts', `if (operation?.status !== 'going')`, 'if (!operation)')] },
  { name: 'claiming only what is due to run',
    edits: [edit('layers/store/claim.ts', `condition.where('status').in(['ready', 'waiting']).and().where('notBefore').le(now + skewMs)`, `condition.where('status').in(['ready', 'waiting', 'done'])`)] },
  { name: 'turning round what an operation has started',
    edits: [edit('layers/engine/advance.ts', `if (operation.status === 'turning' && await turnChildren(ports, operation)) return;`, '')] },
  { name: 'waiting for what runs before a turned operation ends', rates: { killed: 0.06, strays: 1, wire: landing() },
    edits: [edit('layers/engine/plan.ts', `records.some((record) => record.status === 'running' || isLanding(record))`, 'records.some(isLanding)')] },
  { name: 'waiting for other changes before a delete',
    edits: [edit('functions/steps/changes-ended.ts', 'return left > 0 ?', 'return left > 1_000 ?')] },
  { name: 'letting a create land before it is asked for again', rates: { wire: landing() },
    edits: [edit('layers/lifecycle/creates.ts', 'if (keyless.has(call.path.template) && this.#mayLandUntil > this.#now()) throw', 'if (this.#mayLandUntil > Infinity) throw')] },
  { name: 'ending a run only when what it asked for is answered', rates: { wire: { ...landing(), refused: 0.12 } },
    edits: [edit('layers/lifecycle/creates.ts', 'await Promise.allSettled(this.#underWay);', '')] },
  { name: 'deleting only load balancers of the cluster\'s own name',
    edits: [edit('functions/steps/standard-load-balancers.ts', 'all.filter(({ name }) => name.startsWith(prefix))', `all.filter(({ name }) => name.startsWith('kube_service_'))`)] },
  { name: 'releasing only addresses of the cluster\'s own',
    edits: [edit('functions/steps/standard-load-balancers.ts', ' && description.endsWith(`from cluster ${clusterId}`)', '')] },
  { name: 'writing the end of an operation with what follows from it, or not at all', rates: { killed: 0.06 },
    edits: [edit('layers/store/end.ts', 'if (await transact(parts)) return true;', 'await transact(parts.slice(0, 1)); if (await transact(parts.slice(1))) return true;')] },
  { name: 'sealing of secrets',
    edits: [edit('layers/store/secrets.ts', 'await secrets.put({ clusterId, name, sealed })', 'await secrets.put({ clusterId, name, sealed, plain: JSON.stringify(made) } as never)')] },
];

/** Requests that are carried out long after their answer is given up. */
function landing(): Rates['wire'] {
  return { refused: 0, throttled: 0, lostReply: 0, landsLate: 0.08, staleList: 0, mostLateMs: 270_000, mostStaleMs: 0 };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { mutant: { type: 'string' } } });
  const chosen = mutants.filter(({ name }) => values.mutant === undefined || name === values.mutant);
  const whole = await prepare();
  let caught = 0;
  for (const mutant of chosen) if (await isCaught(mutant, whole)) caught++;
  console.log(`mutants: ${chosen.length}, ${caught} caught`);
  process.exit(caught < chosen.length ? 1 : 0);
}

async function isCaught({ name, edits, rates, script }: Mutant, whole: Portable): Promise<boolean> {
  const without = await prepareWithout(edits, whole);
  let seeds = 0;
  let why = '';
  const tasks = Array.from({ length: mostSeeds }, (_, index) => ({ kind: 'seed' as const, seed: index + 1, given: { ...(rates && { rates }), ...(script && { script }) } }));
  await inAllWorlds(without, tasks, ({ verdict }) => {
    seeds++;
    why ||= verdict.broken[0] ?? '';
    return why === '';
  });
  console.log(`${why ? `caught after ${seeds}` : `SURVIVED ${seeds}`} seeds, without ${name}${why && `: ${why.slice(0, 160)}`}`);
  return why !== '';
}
