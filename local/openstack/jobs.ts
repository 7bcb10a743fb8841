/** What the cloud is still busy with: each job is a row with its due time, so that a restart goes on with it. */
import type { Faults } from './faults.ts';
import type { JobRow, WaitRow } from './rows.ts';
import type { Random } from './random.ts';
import type { State } from './state.ts';

/** What a job makes a caller wait for; goes to the log of waits. */
export type WaitFor = Pick<WaitRow, 'resource' | 'resourceId' | 'name' | 'projectId' | 'requestId'>;

type Handler = (target: string, job: JobRow) => void;

/** Runs jobs when they are due, each in a transaction of its own. */
export class Jobs {
  readonly #state: State;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #scale: number;
  readonly #handlers = new Map<string, Handler>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(state: State, random: Random, faults: Faults, scale: number) {
    this.#state = state;
    this.#random = random;
    this.#faults = faults;
    this.#scale = scale;
  }

  /** Names what is done when a job of this kind is due. The handler must bear that its target is gone. */
  on(kind: string, handler: Handler): void {
    this.#handlers.set(kind, handler);
  }

  /** Begins a job within the open transaction; due after `afterMs` of the cloud's own time. */
  begin(kind: string, target: string, afterMs: number, waitFor?: WaitFor, detail?: unknown): void {
    const startedAt = Date.now();
    const readyAt = startedAt + (afterMs * this.#faults.slowness()) / this.#scale;
    const job: JobRow = { id: this.#random.uuid(), kind, target, readyAt, waitId: null, detail: detail ?? null };
    if (waitFor) {
      job.waitId = this.#random.uuid();
      this.#state.table('waits').insert({ id: job.waitId, ...waitFor, startedAt, endedAt: null });
    }
    this.#state.table('jobs').insert(job);
    this.#state.afterCommit(() => this.#arm(job));
  }

  /** Takes up the jobs a previous process left behind. */
  resume(): void {
    for (const job of this.#state.table('jobs').list()) this.#arm(job);
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.#timers.size === 0 ? Promise.resolve() : new Promise((resolve) => void this.#idle.push(resolve));
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #arm(job: JobRow): void {
    if (this.#stopped) return;
    this.#timers.set(job.id, setTimeout(() => this.#run(job), Math.max(0, job.readyAt - Date.now())));
  }

  #run(job: JobRow): void {
    this.#timers.delete(job.id);
    const handler = this.#handlers.get(job.kind);
    if (!handler) throw new Error(`no handler for ${job.kind}`);
    this.#state.transact(() => {
      this.#state.table('jobs').remove(job.id);
      if (job.waitId) this.#state.table('waits').update(job.waitId, { endedAt: Date.now() });
      handler(job.target, job);
    });
    if (this.#timers.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
