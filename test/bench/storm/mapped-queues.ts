/**
 * Queues with the functions behind them, as they are deployed: batches, so many runs of a function at once, and turns by whose
 * work it is. In virtual time; nothing is lost or doubled here.
 */
import type { Chance } from '../../simulate/chance.ts';
import type { Clock } from '../../simulate/clock.ts';

export interface Mapping { batchSize: number; maximumConcurrency: number }
/** Runs the function; answers which of the messages it has dealt with. */
export type Deliver = (queue: string, bodies: readonly string[]) => Promise<boolean[]>;

export interface FunctionUse { runs: number; messages: number; ms: number; mostAtOnce: number; mostWaiting: number; longestWaitMs: number }

interface Message { body: string; group: string; since: number; receives: number }

/** On the way, until it is handed over; no two messages take the same time. Milliseconds. */
const onTheWay = { least: 5, most: 60 };
const visibilityMs = 360_000;
const mostReceives = 5;

class MappedQueue {
  readonly use: FunctionUse = { runs: 0, messages: 0, ms: 0, mostAtOnce: 0, mostWaiting: 0, longestWaitMs: 0 };
  /** By group, each in order. */
  readonly #waiting = new Map<string, Message[]>();
  readonly #inFlight = new Map<string, number>();
  #waits = 0;
  #running = 0;
  readonly #name: string;
  readonly #mapping: Mapping;
  readonly #clock: Clock;
  readonly #deliver: Deliver;

  constructor(name: string, mapping: Mapping, clock: Clock, deliver: Deliver) {
    this.#name = name;
    this.#mapping = mapping;
    this.#clock = clock;
    this.#deliver = deliver;
  }

  arrives(message: Message): void {
    const { group } = message;
    const of = this.#waiting.get(group);
    if (of) of.push(message);
    else this.#waiting.set(group, [message]);
    this.#waits++;
    this.use.mostWaiting = Math.max(this.use.mostWaiting, this.#waits);
    // Messages of the same moment make one batch.
    this.#clock.after(0, () => this.#begin());
  }

  #begin(): void {
    while (this.#waits > 0 && this.#running < this.#mapping.maximumConcurrency) void this.#run(this.#take());
  }

  /** The next ones: of the group of which the fewest are being worked on, as SQS has it of groups that are quieter than others. */
  #take(): Message[] {
    const batch: Message[] = [];
    while (batch.length < this.#mapping.batchSize && this.#waits > 0) {
      const [group, messages] = [...this.#waiting].reduce((least, next) => (this.#load(next[0]) < this.#load(least[0]) ? next : least));
      batch.push(messages.shift()!);
      if (messages.length === 0) this.#waiting.delete(group);
      this.#inFlight.set(group, this.#load(group) + 1);
      this.#waits--;
    }
    return batch;
  }

  #load(group: string): number { return this.#inFlight.get(group) ?? 0; }

  async #run(batch: readonly Message[]): Promise<void> {
    const started = this.#clock.now();
    const { use } = this;
    this.#running++;
    use.runs++;
    use.messages += batch.length;
    use.mostAtOnce = Math.max(use.mostAtOnce, this.#running);
    for (const { since } of batch) use.longestWaitMs = Math.max(use.longestWaitMs, started - since);
    const dealtWith = await this.#deliver(this.#name, batch.map(({ body }) => body));
    this.#running--;
    use.ms += this.#clock.now() - started;
    for (const [index, message] of batch.entries()) {
      const left = this.#load(message.group) - 1;
      if (left > 0) this.#inFlight.set(message.group, left);
      else this.#inFlight.delete(message.group);
      if (!dealtWith[index] && message.receives + 1 < mostReceives) {
        this.#clock.after(visibilityMs, () => this.arrives({ ...message, since: this.#clock.now(), receives: message.receives + 1 }));
      }
    }
    this.#begin();
  }
}

export class MappedQueues {
  readonly bodies: string[] = [];
  sent = 0;
  readonly #queues = new Map<string, MappedQueue>();
  readonly #mappingOf: (queue: string) => Mapping;
  readonly #clock: Clock;
  readonly #deliver: Deliver;
  readonly #chance: Chance;

  constructor(mappingOf: (queue: string) => Mapping, clock: Clock, chance: Chance, deliver: Deliver) {
    this.#chance = chance;
    this.#mappingOf = mappingOf;
    this.#clock = clock;
    this.#deliver = deliver;
  }

  async send(queue: string, body: string, delayMs: number): Promise<void> {
    this.sent++;
    const { projectId = '' } = JSON.parse(body) as { projectId?: string };
    this.#clock.after(delayMs + this.#chance.between(onTheWay.least, onTheWay.most), () => this.#of(queue).arrives({ body, group: projectId, since: this.#clock.now(), receives: 0 }));
  }

  uses(): Map<string, FunctionUse> { return new Map([...this.#queues].map(([name, { use }]) => [name, { ...use }])); }

  #of(name: string): MappedQueue {
    const known = this.#queues.get(name) ?? new MappedQueue(name, this.#mappingOf(name), this.#clock, this.#deliver);
    this.#queues.set(name, known);
    return known;
  }
}
