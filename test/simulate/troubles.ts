/** What goes wrong in a world, and until when. */
import type { Chance } from './chance.ts';
import type { Clock } from './clock.ts';
import type { Effect, Trouble } from './effects.ts';
import type { PostTrouble } from './queues.ts';
import type { WireTrouble } from './wire.ts';

/** Probabilities, each for one effect; milliseconds. */
export interface Rates {
  killed: number;
  /** Of what is under way when its function dies: carried out all the same; writes to tables that much later. */
  strays: number;
  leastStrayMs: number;
  mostStrayMs: number;
  slowTable: number;
  mostSlowMs: number;
  tableThrottled: number;
  kubernetes: number;
  post: PostTrouble;
  wire: WireTrouble;
}

export const calm: Rates = {
  killed: 0, strays: 0, leastStrayMs: 0, mostStrayMs: 0, slowTable: 0, mostSlowMs: 0, tableThrottled: 0, kubernetes: 0,
  post: { lost: 0, doubled: 0, late: 0, mostLateMs: 0 },
  wire: { refused: 0, throttled: 0, lostReply: 0, landsLate: 0, staleList: 0, mostLateMs: 0, mostStaleMs: 0 },
};

/** Every seed is troubled by something else: each trouble is there in half of the worlds, at a rate of its own. */
export function ratesOf(chance: Chance): Rates {
  const rate = (most: number): number => (chance.strikes(0.5) ? chance.between(0, most) : 0);
  return {
    killed: rate(0.03), strays: rate(0.8), leastStrayMs: 0, mostStrayMs: 600_000, slowTable: rate(0.1), mostSlowMs: chance.between(100, 20_000), tableThrottled: rate(0.02), kubernetes: rate(0.1),
    post: { lost: rate(0.1), doubled: rate(0.2), late: rate(0.2), mostLateMs: chance.between(1_000, 600_000) },
    wire: {
      refused: rate(0.05), throttled: rate(0.03), lostReply: rate(0.05), landsLate: rate(0.05), staleList: rate(0.05),
      mostLateMs: chance.between(10_000, 270_000), mostStaleMs: 900,
    },
  };
}

export interface Troubles {
  of(clock: Clock, chance: Chance): Trouble;
  post(now: number): PostTrouble;
  wire(now: number): WireTrouble;
  kubernetes(now: number): number;
}

/** At these rates until that time; then the sky is clear, and everything has to end well. */
export function troublesUntil(rates: Rates, end: number): Troubles {
  const at = (now: number): Rates => (now < end ? rates : calm);
  return {
    post: (now) => at(now).post, wire: (now) => at(now).wire, kubernetes: (now) => at(now).kubernetes,
    of: (clock, chance) => ({
      kills: () => chance.strikes(at(clock.now()).killed / 2),
      straysMs: (effect) => (chance.strikes(at(clock.now()).strays) ? strayOf(effect, rates, chance) : undefined),
      delayMs: ({ kind }) => (kind === 'table' && chance.strikes(at(clock.now()).slowTable) ? chance.between(0, rates.mostSlowMs) : 0),
      refusal: ({ kind }) => (kind === 'table' && chance.strikes(at(clock.now()).tableThrottled)
        ? Object.assign(new Error('Rate of requests exceeds the allowed throughput.'), { name: 'ThrottlingException' }) : undefined),
    }),
  };
}

/** A write to a table may arrive at any time; a create in the cloud as late as a step's lease allows for. */
function strayOf({ kind, what, isRead }: Effect, { leastStrayMs, mostStrayMs, wire }: Rates, chance: Chance): number | undefined {
  if (kind === 'table' && !isRead) return chance.between(leastStrayMs, mostStrayMs);
  return kind === 'cloud' && what.startsWith('POST ') ? chance.between(0, wire.mostLateMs) : undefined;
}

/** Nothing but one death: right before, or right after, the effect of that number. */
export function deathAt(number: number, moment: 'before' | 'after'): Troubles {
  return { ...troublesUntil(calm, 0), of: () => ({ kills: (at, when) => at === number && when === moment, straysMs: () => undefined, delayMs: () => 0, refusal: () => undefined }) };
}
