/** What machines and clusters made somebody wait for, for those who compare it with the time it took in all. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface Wait {
  name: 'system cluster' | 'control plane' | 'node ready';
  /** Server or node or cluster that was waited for. */
  of: string;
  /** Epoch milliseconds. */
  startedAt: number;
  endedAt: number | null;
}

/** Kept in a file, so that a restart does not forget what was waited for. */
export class Waits {
  readonly #path: string;
  readonly #waits: Wait[];

  constructor(path: string) {
    this.#path = path;
    this.#waits = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as Wait[] : [];
  }

  list(): Wait[] {
    return this.#waits.map((wait) => ({ ...wait }));
  }

  /** Nothing happens when that wait has been begun before. */
  begin(name: Wait['name'], of: string, startedAt: number): void {
    if (this.#find(name, of)) return;
    this.#waits.push({ name, of, startedAt, endedAt: null });
    this.#write();
  }

  /** Only the first end counts. */
  end(name: Wait['name'], of: string, endedAt: number): void {
    const wait = this.#find(name, of);
    if (!wait || wait.endedAt !== null) return;
    wait.endedAt = endedAt;
    this.#write();
  }

  #find(name: Wait['name'], of: string): Wait | undefined {
    return this.#waits.find((wait) => wait.name === name && wait.of === of);
  }

  #write(): void {
    writeFileSync(this.#path, JSON.stringify(this.#waits));
  }
}
