/** What a function's process remembers from one request to the next: so much, for so long, and of tokens only their hashes. */
import { createHash } from 'node:crypto';

/**
 * Values by key, each for a while. Of one process: others remember for themselves, and a cold one nothing. Only what has come is to be
 * kept: an answer that is awaited when a function ends may never come, and whoever shared it would wait for nothing.
 */
export class Memory<T> {
  readonly #most: number;
  readonly #keepMs: number;
  readonly #known = new Map<string, { value: T; until: number }>();

  /** With `most` entries it begins anew. What has changed meanwhile is noticed `keepMs` later at most. */
  constructor(most: number, keepMs: number) {
    this.#most = most;
    this.#keepMs = keepMs;
  }

  /** What was kept, while it counts. */
  get(key: string, now = Date.now()): T | undefined {
    const known = this.#known.get(key);
    return known && known.until > now ? known.value : undefined;
  }

  /** Keeps the value for as long as this memory does, or until `endsAt` (epoch milliseconds) if that is sooner. */
  keep(key: string, value: T, now = Date.now(), endsAt = Infinity): void {
    if (this.#known.size >= this.#most) this.#known.clear();
    this.#known.set(key, { value, until: Math.min(now + this.#keepMs, endsAt) });
  }

  clear(): void {
    this.#known.clear();
  }
}

/** A token as a key, SHA-256 in base64: whoever gets to read the memory learns no token. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64');
