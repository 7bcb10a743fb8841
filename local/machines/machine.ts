/** What machines of every role have: a server, a disk that outlives this process, a console. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a machine keeps on its disk. */
export interface DiskState {
  /** When it was first seen running since it was last off; epoch milliseconds. */
  poweredOnAt?: number | undefined;
  apiAnsweredAt?: number;
  /** The kubelet's client certificate, once it has one, and the key it asked for it with. */
  kubelet?: { keyPem: string; requestName?: string; certPem?: string };
}

const directoryOf = (dataDir: string): string => join(dataDir, 'machines');
const statePath = (dataDir: string, serverId: string): string => join(directoryOf(dataDir), `${serverId}.json`);
const consolePath = (dataDir: string, serverId: string): string => join(directoryOf(dataDir), `${serverId}.log`);

export class Disk {
  readonly #dataDir: string;
  readonly #serverId: string;
  #state: DiskState;
  #last = '';

  constructor(dataDir: string, serverId: string) {
    mkdirSync(directoryOf(dataDir), { recursive: true });
    this.#dataDir = dataDir;
    this.#serverId = serverId;
    const path = statePath(dataDir, serverId);
    this.#state = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as DiskState : {};
  }

  get state(): Readonly<DiskState> {
    return this.#state;
  }

  keep(change: DiskState): void {
    this.#state = { ...this.#state, ...change };
    writeFileSync(statePath(this.#dataDir, this.#serverId), JSON.stringify(this.#state), { mode: 0o600 });
  }

  /** A line on the console; the same line again and again is written once. */
  print(line: string): void {
    if (line === this.#last) return;
    this.#last = line;
    appendFileSync(consolePath(this.#dataDir, this.#serverId), `[${new Date().toISOString()}] ${line}\n`);
  }
}

/** Everything its console showed; empty when there is none. */
export function readConsole(dataDir: string, serverId: string): string {
  const path = consolePath(dataDir, serverId);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** A deleted server's disk; its console stays readable. */
export function scrap(dataDir: string, serverId: string): void {
  rmSync(statePath(dataDir, serverId), { force: true });
}
