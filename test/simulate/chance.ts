/** Chance that a seed decides. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0;
  }

  /** Uniform in [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Whether something of this probability happens. */
  strikes(probability: number): boolean { return probability > 0 && this.next() < probability; }
  between(low: number, high: number): number { return low + this.next() * (high - low); }
  /** Whole, both ends included. */
  whole(low: number, high: number): number { return Math.floor(this.between(low, high + 1)); }
  pick<T>(from: readonly T[]): T { return from[Math.floor(this.next() * from.length)]!; }
  /** A stream of its own: what one part draws does not move what another does. */
  fork(): Chance { return new Chance(Math.floor(this.next() * 4294967296)); }
}
