import type { Flow } from './flow.ts';
import { hintAt, stepOf, type Hint, type Operation, type Ports, type StepRecord } from './ports.ts';
import { plan } from './plan.ts';

/** Looks at the whole operation and makes ready, ends or holds what is due. Safe at any moment, any number of times. */
export async function advance(ports: Ports, flowOf: (name: string) => Flow, hint: Hint): Promise<void> {
  const { store } = ports;
  const operation = await store.getOperation(hint.operationId);
  if (!operation || operation.status === 'succeeded' || operation.status === 'stopped' || operation.status === 'held') return;
  if (!operation.laidOut && operation.status === 'going') {
    await store.layOut(operation, recordsOf(flowOf(operation.flow), operation));
  }
  if (operation.status === 'turning' && await turnChildren(ports, operation)) return;
  const [records, given] = await Promise.all([store.listRecords(operation.id), operation.given ? store.listRecords(operation.given) : []]);
  const next = plan(operation, records, given);
  await Promise.all(next.ready.map((record) => makeReady(ports, record, operation)));
  await tellChildren(ports, operation, hint);
  if (next.hold && await store.hold(operation, next.hold)) {
    await ports.journal.tell(operation, { type: 'operation', status: 'held', failure: next.hold });
    await tellParent(ports, operation);
  }
  if (next.end && await store.end(operation, next.end, ports.clock.now())) {
    await ports.journal.tell(operation, { type: 'operation', status: next.end });
    await tellParent(ports, operation, next.end);
  }
}

/** All records of a new operation: what is to be done is known, and shown, from the first moment. */
export function recordsOf(flow: Flow, operation: Operation): StepRecord[] {
  return flow.nodes.map(({ key, step, title, phase, needs, policy }, position) => ({
    operationId: operation.id, key, step: step.name, phase, title, position, needs, policy,
    status: 'pending', fence: 0, attempt: 0, notBefore: 0, leaseUntil: 0, deadline: 0,
  }));
}

/** A step has its own time, as far as that of its operation lasts. */
async function makeReady({ store, queue, clock }: Ports, record: StepRecord, operation: Operation): Promise<void> {
  const now = clock.now();
  if (await store.makeReady(record, now, Math.min(now + record.policy.timeoutMs, operation.deadline ?? Infinity))) {
    await queue.send({ ...hintAt(operation), key: record.key }, record.step);
  }
}

/** A child may wait for an output of this operation: tell it when that is there. */
async function tellChildren({ queue }: Ports, operation: Operation, { done }: Hint): Promise<void> {
  if (done === undefined) return;
  const waiting = Object.entries(operation.children).filter(([, awaited]) => awaited.includes(done));
  await Promise.all(waiting.map(([id]) => queue.send(hintAt({ ...operation, id }))));
}

/**
 * What an operation has started is turned round with it, and ends before it: once it turns, nothing more is started.
 * Answers whether one of them has still to end.
 */
async function turnChildren({ store, queue, clock }: Ports, operation: Operation): Promise<boolean> {
  const ending = await Promise.all(Object.keys(operation.children).map(async (id) => {
    const isEnding = await store.turn(id, clock.now());
    if (isEnding) await queue.send(hintAt({ ...operation, id }));
    return isEnding;
  }));
  return ending.includes(true);
}

/** The record that waits for this operation need not wait for its next look; nor must its operation, where that turns. */
async function tellParent({ queue }: Ports, operation: Operation, end?: 'succeeded' | 'stopped'): Promise<void> {
  if (!operation.parent) return;
  const { operationId: id, key } = operation.parent;
  const hint = hintAt({ ...operation, id });
  if (end === 'stopped') await queue.send(hint);
  await queue.send({ ...hint, key, wake: true }, stepOf(key));
}
