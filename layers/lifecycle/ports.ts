/** The engine's ports as deployed: tables, queues, the clock. */
import type { Ports } from '../engine/ports.ts';
import { queue } from '../platform/queue.ts';
import { durations } from '../store/durations.ts';
import { engineStore } from '../store/engine-store.ts';
import { journal } from './journal.ts';
import { judge } from './judge.ts';
import { leaseMs } from './lease.ts';

export const ports: Ports = {
  store: engineStore, queue, durations, journal, judge,
  clock: { now: () => Date.now(), pause: (ms) => new Promise((resolve) => { setTimeout(resolve, ms); }) },
  random: () => Math.random(),
  leaseMs,
};
