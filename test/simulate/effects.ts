/** Effects of functions on the world outside them, one after another: where a function may be killed, and what is slow. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from './clock.ts';

export interface Effect { kind: 'cloud' | 'table' | 'message' | 'kubernetes'; what: string; isRead?: boolean }

/** What happens to effects; each is asked once for each effect, in this order. */
export interface Trouble {
  /** Whether the function dies right before, or right after, this effect. What changes something is numbered from 1; a read has 0. */
  kills(number: number, moment: 'before' | 'after', effect: Effect): boolean;
  /** How much later a write of a function that has died is carried out all the same; undefined: it is not. Milliseconds. */
  straysMs(effect: Effect): number | undefined;
  /** How much later than usual it takes place, in milliseconds. */
  delayMs(effect: Effect): number;
  /** Why it does not take place at all. */
  refusal(effect: Effect): Error | undefined;
}

/** One run of a function. Once it is dead nothing that it has not begun takes place, and nobody hears of it. */
export class Invocation {
  readonly name: string;
  isDead = false;
  hasEnded = false;
  readonly died: Promise<void>;
  #die: () => void = () => {};

  constructor(name: string) {
    this.name = name;
    this.died = new Promise((resolve) => { this.#die = resolve; });
  }

  get isLive(): boolean { return !this.isDead && !this.hasEnded; }

  die(): void {
    this.isDead = true;
    this.#die();
  }
}

const current = new AsyncLocalStorage<Invocation>();
const never = <T>(): Promise<T> => new Promise(() => {});

export class Effects {
  readonly #clock: Clock;
  readonly #trouble: Trouble;
  readonly #tell: (line: string) => void;
  count = 0;
  /** Those that change something, or ask the cloud: who, and what. */
  readonly points: string[] = [];
  deaths = 0;
  /** Hears of each function that has run, and how long. */
  ran: ((name: string, ms: number) => void) | undefined;

  constructor(clock: Clock, trouble: Trouble, tell: (line: string) => void) {
    this.#clock = clock;
    this.#trouble = trouble;
    this.#tell = tell;
  }

  /** The function that runs now, if one does. */
  get by(): Invocation | undefined { return current.getStore(); }

  /** Runs a function; resolves with undefined when it was killed, by trouble or after `timeoutMs`. */
  async run<T>(name: string, timeoutMs: number, act: () => Promise<T>): Promise<{ value: T } | undefined> {
    const invocation = new Invocation(name);
    const began = this.#clock.now();
    const keep = this.#clock.after(timeoutMs, () => invocation.die());
    try {
      return await Promise.race([
        current.run(invocation, async () => ({ value: await act() })),
        invocation.died.then(() => undefined),
      ]);
    } finally {
      keep();
      invocation.hasEnded = true;
      this.ran?.(name, this.#clock.now() - began);
    }
  }

  /** Lets an effect take place. Onlookers, who are no function, are never in trouble. */
  async take<T>(effect: Effect, act: () => Promise<T>): Promise<T> {
    const by = this.by;
    if (!by) return act();
    if (!by.isLive) return never();
    this.count++;
    const number = effect.isRead ? 0 : this.points.push(`${by.name}: ${effect.kind} ${effect.what}`);
    this.#tell(`${this.#clock.now()} ${number} ${by.name}: ${effect.kind} ${effect.what}`);
    if (this.#kill(number, 'before', effect, by)) return this.#stray(effect, act);
    const late = this.#trouble.delayMs(effect);
    if (late > 0) await this.#clock.sleep(late);
    if (!by.isLive) return never();
    const refusal = this.#trouble.refusal(effect);
    if (refusal) throw refusal;
    try {
      return await act();
    } finally {
      if (!by.isLive || this.#kill(number, 'after', effect, by)) await never();
    }
  }

  /** The function is dead; what it had sent may still arrive. */
  #stray<T>(effect: Effect, act: () => Promise<T>): Promise<T> {
    const afterMs = this.#trouble.straysMs(effect);
    if (afterMs !== undefined) this.#clock.after(afterMs, AsyncLocalStorage.bind(() => { act().catch(() => { /* nobody hears of it */ }); }));
    return never();
  }

  #kill(number: number, moment: 'before' | 'after', effect: Effect, by: Invocation): boolean {
    if (!this.#trouble.kills(number, moment, effect)) return false;
    this.#tell(`${this.#clock.now()} ${number} ${by.name} dies ${moment} ${effect.kind} ${effect.what}`);
    this.deaths++;
    by.die();
    return true;
  }
}
