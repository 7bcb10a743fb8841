/** An append-only file of transactions: one line each, so that a torn last line is a transaction nobody was told of. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Table, id, and the row as it is now (absent: removed). */
export type Entry = [table: string, id: string, row?: unknown];

export class Journal {
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
  }

  /** Every entry of every whole line, oldest first. */
  *replay(): Generator<Entry> {
    if (!existsSync(this.#path)) return;
    const lines = readFileSync(this.#path, 'utf8').split('\n');
    lines.pop(); // what follows the last newline was never acknowledged
    for (const line of lines) yield* JSON.parse(line) as Entry[];
  }

  /** Starts the file afresh with these entries; the old one stays in place until the new one is whole. */
  compact(entries: Iterable<Entry>): void {
    const fresh = `${this.#path}.new`;
    const file = openSync(fresh, 'w');
    for (const entry of entries) writeSync(file, `${JSON.stringify([entry])}\n`);
    closeSync(file);
    renameSync(fresh, this.#path);
    this.#file = openSync(this.#path, 'a');
  }

  /** The entries have been handed to the operating system when this returns. */
  append(entries: Entry[]): void {
    if (this.#file === undefined) throw new Error('journal is not open');
    writeSync(this.#file, `${JSON.stringify(entries)}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
