/** How long each kind of wait takes on this cloud, learnt from every wait that ended. */
import type { Durations } from '../engine/ports.ts';
import { Table } from './table.ts';

interface DurationRow { name: string; expectMs: number; observedAt: number }

const table = new Table<DurationRow>('durations', { name: { type: String, hashKey: true }, expectMs: Number });

/** A faster wait is believed at once, a slower one bit by bit: looking too late costs more than looking once too often. */
const weight = 0.3;

export const durations: Durations = {
  async expect(step) {
    return (await table.get({ name: step }))?.expectMs;
  },
  async observe(step, tookMs) {
    const before = (await table.get({ name: step }))?.expectMs;
    const expectMs = before === undefined || tookMs < before ? tookMs : before + (tookMs - before) * weight;
    await table.overwrite({ name: step, expectMs: Math.round(expectMs), observedAt: Date.now() });
  },
};
