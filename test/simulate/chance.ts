/** Chance that a seed decides. */
import { Random } from '../../local/openstack/random.ts';

export class Chance {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed ^ 0x9e3779b9);
  }

  /** Uniform in [0, 1). */
  next(): number { return this.#random.next(); }
  /** Whether something of this probability happens. */
  strikes(probability: number): boolean { return probability > 0 && this.next() < probability; }
  between(low: number, high: number): number { return low + this.next() * (high - low); }
  /** Whole, both ends included. */
  whole(low: number, high: number): number { return Math.floor(this.between(low, high + 1)); }
  pick<T>(from: readonly T[]): T { return from[Math.floor(this.next() * from.length)]!; }
  /** A stream of its own: what one part draws does not move what another does. */
  fork(): Chance { return new Chance(Math.floor(this.next() * 4294967296)); }
}
