/**
 * `npm run test:mutants`: what protects from doubles, leaks and losses is taken out of the code, one thing at a time. Each
 * time a simulated world must break: a mutant that survives is a protection that nothing shows to be needed. `--mutant
 * NAME` tries one. Ends with the one line that says how many were caught.
 */
import { parseArgs } from 'node:util';
import type { Edit } from './bundle.ts';
import { inAllWorlds } from './many.ts';
import { arrived, prepare, prepareWithout, type Portable, type Prepared } from './prepared.ts';
import type { Given } from './simulate.ts';
import { storyNames, tellStory } from './stories.ts';
import { calm, type Rates } from './troubles.ts';
import type { Script } from './users.ts';
import type { SeedTask, StoryTask } from './worker.ts';

export interface Mutant {
  /** What is missing. */
  name: string;
  edits: Edit[];
  /** Where the trouble is that it protects from; what a seed brings, where it is not said. */
  given?: Given;
  /** Or it takes a death right after an effect of this name: each of the stories is told with one after each of them. */
  dyingAfter?: string;
}

/** Seeds a mutant may live through before it counts as one that survived. */
const mostSeeds = 120;

const edit = (file: string, from: string, to: string): Edit => ({ file, from, to });
const killing: Given = { rates: { killed: 0.04 } };
/** Nothing but requests that are carried out long after their answer is given up. */
const landing = (landsLate: number, mostLateMs = 270_000): Rates['wire'] => ({ ...calm.wire, landsLate, mostLateMs });
/** Users who delete after so long, when steps are at work on everything. */
const hasty = (deleteAfterMs: number): Partial<Script> => ({ startAfterMs: 0, changes: [], deleteAfterMs });
/** Users who rotate the authority of a cluster that runs. */
const rotating: Partial<Script> = { startAfterMs: 0, changes: [{ afterMs: 15 * 60_000, what: 'rotate', size: 0 }], deleteAfterMs: undefined };

export const mutants: readonly Mutant[] = [
  { name: 'the lease', given: killing,
    edits: [edit('layers/store/claim.ts', `group.where('status').eq('running').and().where('leaseUntil').lt(now - skewMs)`, `group.where('status').eq('running')`)] },
  { name: 'the fence', given: { rates: { killed: 0.06, strays: 1, leastStrayMs: 355_000, mostStrayMs: 430_000, slowTable: 0.5, mostSlowMs: 15_000 } },
    edits: [edit('layers/store/settle.ts', `where('fence').eq(fence).and().where('status').eq('running')`, `where('status').eq('running')`)] },
  { name: 'the sweep of steps', given: killing,
    edits: [edit('layers/engine/sweep.ts', '...records.map(', '...records.slice(0, 0).map(')] },
  { name: 'the sweep of operations', given: killing,
    edits: [edit('layers/engine/sweep.ts', '...operationIds.map(', '...operationIds.slice(0, 0).map(')] },
  { name: 'looking before a network is made', given: killing,
    edits: [edit('functions/steps/service-network.ts', `oldest(await neutron.listNetworks(service, { name, project_id }))
      ?? await neutron.createNetwork`, 'await neutron.createNetwork')] },
  { name: 'looking before volumes are made', given: killing,
    edits: [edit('layers/lifecycle/volumes.ts', 'const missing = wanted.filter(({ name }) => !found.has(name));', 'const missing = wanted.filter(({ name }) => !found.has(name) || wanted.length > 1 && Math.random() < 0.1);')] },
  { name: 'finding by what is set in the create call', given: killing,
    edits: [
      edit('functions/steps/service-network.ts', 'oldest(await neutron.listNetworks(service, { name, project_id }))', 'oldest(await neutron.listNetworks(service, { tags: description, project_id } as never))'),
      edit('functions/steps/service-network.ts', '// No DHCP:', `await neutron.setTags(service, 'networks' as never, network.id, [description]);\n    // No DHCP:`),
    ] },
  { name: 'undoing what no record tells of', given: killing,
    edits: [edit('layers/engine/work.ts', ': step.undo(context));', `: (await ports.store.listRecords((context as { cluster: { createOperationId: string } }).cluster.createOperationId)).some((other) => other.step === record.step && other.status !== 'done') ? { kind: 'done', output: undefined } as never : step.undo(context));`)] },
  { name: 'a second before the next look for what could be made twice',
    edits: [edit('layers/engine/work.ts', 'const leastMs = stage === undefined ? 1_000 : 0;', 'const leastMs = 0;'),
      edit('layers/engine/work.ts', ' && change.stage !== undefined ? change', ' ? change')] },
  { name: 'reading the operation again after the claim', given: { rates: { killed: 0 }, script: hasty(4_000) },
    edits: [edit('layers/engine/work.ts', `if (operation?.status !== 'going')`, 'if (!operation)')] },
  { name: 'claiming only what is due to run',
    edits: [edit('layers/store/claim.ts', `condition.where('status').in(['ready', 'waiting']).and().where('notBefore').le(now + skewMs)`, `condition.where('status').in(['ready', 'waiting', 'done'])`)] },
  { name: 'turning round what an operation has started', given: { rates: { ...calm, wire: landing(0.25, 90_000) }, script: { ...hasty(7_000), groups: [2, 1, 1] } },
    edits: [edit('layers/engine/advance.ts', `if (operation.status === 'turning' && await turnChildren(ports, operation)) return;`, '')] },
  { name: 'waiting for what runs before a turned operation ends', given: { rates: { killed: 0, wire: landing(0.15, 40_000) }, script: hasty(4_000) },
    edits: [edit('layers/engine/plan.ts', `records.some((record) => record.status === 'running' || isLanding(record))`, 'records.some(isLanding)')] },
  { name: 'waiting for what may still land before a turned operation ends', given: { rates: { killed: 0, wire: landing(0.15) }, script: hasty(40_000) },
    edits: [edit('layers/engine/plan.ts', `record.status === 'running' || isLanding(record))`, `record.status === 'running')`)] },
  { name: 'waiting for what may still land although it has a key', given: { rates: { killed: 0, wire: landing(0.25, 90_000) }, script: hasty(1_500) },
    edits: [edit('layers/lifecycle/creates.ts', `['/projects', '/users', `, '[')] },
  { name: 'waiting for other changes before a delete', given: { rates: { killed: 0, wire: landing(0.25, 90_000) }, script: hasty(7_000) },
    edits: [edit('functions/steps/changes-ended.ts', 'return left > 0 ?', 'return left > 1_000 ?')] },
  { name: 'letting a create land before it is asked for again', given: { rates: { wire: landing(0.08) } },
    edits: [edit('layers/lifecycle/creates.ts', 'this.#mayLandUntil > this.#now()', 'this.#mayLandUntil > Infinity')] },
  { name: 'ending a run only when what it asked for is answered', given: { rates: { wire: { ...landing(0.08), refused: 0.12 } } },
    edits: [edit('layers/lifecycle/creates.ts', 'await Promise.allSettled(this.#underWay);', '')] },
  { name: 'deleting only load balancers of the cluster\'s own name',
    edits: [edit('functions/steps/standard-load-balancers.ts', 'all.filter(({ name }) => name.startsWith(prefix))', `all.filter(({ name }) => name.startsWith('kube_service_'))`)] },
  { name: 'deleting only security groups with the cluster\'s mark',
    edits: [edit('functions/steps/security-groups.ts', 'const groups = await neutron.listSecurityGroups(service, { description: markOf(cluster.id) });',
      `const groups = (await neutron.listSecurityGroups(service, {})).filter(({ name }) => name.startsWith('moorage-'));`)] },
  { name: 'deleting only ports with the cluster\'s mark',
    edits: [edit('layers/lifecycle/owned-ports.ts', `const found = await neutron.listPorts(session, { ...owner });
  const leaving = found.filter(({ name }) => !names || names.includes(name));`,
      `const leaving = (await neutron.listPorts(session, { project_id: owner.project_id })).filter(({ name }) => !names || name.startsWith('moorage-'));`)] },
  { name: 'releasing only addresses of the cluster\'s own',
    edits: [edit('functions/steps/standard-load-balancers.ts', ' && description.endsWith(`from cluster ${clusterId}`)', '')] },
  { name: 'writing the end of an operation with what follows from it, or not at all', dyingAfter: 'advance: table transaction',
    edits: [edit('layers/store/end.ts', 'if (await transact(parts)) return true;', 'await transact(parts.slice(0, 1)); if (await transact(parts.slice(1))) return true;')] },
  { name: 'the deadline of a step', given: { rates: { ...calm, kubernetes: 1 }, troubleMs: 3 * 3_600_000 },
    edits: [edit('layers/engine/work.ts', 'if (now > record.deadline) return onceLanded', 'if (now > Infinity) return onceLanded'),
      edit('layers/engine/work.ts', 'const notBefore = Math.min(now + (afterMs ?? Math.max(leastMs, pace(now - waitingSince, expectMs))), record.deadline + 1);', 'const notBefore = now + (afterMs ?? Math.max(leastMs, pace(now - waitingSince, expectMs)));'),
      edit('layers/engine/work.ts', 'clock.now() > deadline + leaseMs', 'clock.now() > deadline + Infinity')] },
  { name: 'the bridge between authorities', given: { rates: calm, script: rotating },
    edits: [edit('layers/pki/rotate-authority.ts', 'certPem: certPem + bridge', 'certPem')] },
  { name: 'sealing of secrets',
    edits: [edit('layers/store/secrets.ts', 'await secrets.put({ clusterId, name, sealed })', 'await secrets.put({ clusterId, name, sealed, plain: JSON.stringify(made) } as never)')] },
];

if (import.meta.main) {
  const { values } = parseArgs({ options: { mutant: { type: 'string' } } });
  const chosen = mutants.filter(({ name }) => values.mutant === undefined || name === values.mutant);
  const whole = await prepare();
  let caught = 0;
  for (const mutant of chosen) if (await isCaught(mutant, whole)) caught++;
  console.log(`mutants: ${chosen.length}, ${caught} caught`);
  process.exit(caught < chosen.length ? 1 : 0);
}

async function isCaught(mutant: Mutant, whole: Portable & Prepared): Promise<boolean> {
  const without = await prepareWithout(mutant.edits, whole);
  const tasks = mutant.dyingAfter === undefined ? seedsOf(mutant) : await deathsAfter(mutant.dyingAfter, arrived(without));
  const outcomes = new Map<string, string>();
  if (mutant.dyingAfter !== undefined) for (const name of storyNames) outcomes.set(name, (await tellStory(whole, name)).outcome);
  let worlds = 0;
  let why = '';
  await inAllWorlds<SeedTask | StoryTask>(without, tasks, (done) => {
    worlds++;
    if (done.kind === 'seed') why ||= done.verdict.broken[0] ?? '';
    else why ||= done.told.broken[0] ?? (done.told.outcome === outcomes.get(done.story) ? '' : `it ends as ${done.told.outcome}`);
    return why === '';
  });
  console.log(`${why ? `caught after ${worlds}` : `SURVIVED ${worlds}`} worlds, without ${mutant.name}${why && `: ${why.slice(0, 160)}`}`);
  return why !== '';
}

function seedsOf({ given = {} }: Mutant): SeedTask[] {
  return Array.from({ length: mostSeeds }, (_, index) => ({ kind: 'seed', seed: index + 1, given }));
}

/** One after the other: a world is told alone, where it is not on a thread of its own. */
async function deathsAfter(effect: string, without: Prepared): Promise<StoryTask[]> {
  const tasks: StoryTask[] = [];
  for (const story of storyNames) {
    const { points, from, to } = await tellStory(without, story);
    const numbers = points.flatMap((point, index) => (point === effect && index + 1 >= from && index < to ? [index + 1] : []));
    tasks.push(...numbers.map((number): StoryTask => ({ kind: 'story', story, death: { number, moment: 'after' } })));
  }
  return tasks;
}
