/** What the services of the cloud share. */
import type { EventEmitter } from 'node:events';
import type { Faults } from './faults.ts';
import type { Jobs } from './jobs.ts';
import type { Latencies } from './latencies.ts';
import type { Random } from './random.ts';
import type { ServerRow } from './nova/rows.ts';
import type { State } from './state.ts';

export interface Core {
  state: State;
  jobs: Jobs;
  random: Random;
  faults: Faults;
  latencies: Latencies;
  /** Emitted after the change is kept. */
  events: EventEmitter<{ active: [ServerRow]; gone: [ServerRow]; power: [ServerRow] }>;
  /** `http://127.0.0.1:<port>`, known once the cloud listens. */
  baseUrl: string;
}

/** The next number of a counter that only ever goes up, across restarts too. */
export function nextNumber(core: Core, counter: string): number {
  const meta = core.state.table('meta');
  const value = Number(meta.get(counter)?.value ?? 0) + 1;
  if (meta.get(counter)) meta.update(counter, { value });
  else meta.insert({ id: counter, value });
  return value;
}

/** Now, as Keystone, Neutron and Nova write it: whole seconds, UTC. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
