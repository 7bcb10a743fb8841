/** Several write the same cluster at once: who loses reads again, and tries again. */
import { setTimeout as pause } from 'node:timers/promises';
import { unavailable } from './http-error.ts';

const attempts = 12;

/** What `attempt` came to; undefined means that somebody else wrote first. 503 when that never ends. */
export async function untilWritten<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let lost = 0; lost < attempts; lost++) {
    const written = await attempt();
    if (written !== undefined) return written;
    await pause(Math.random() * 20 * (lost + 1));
  }
  throw unavailable('too_many_changes', 'Too many change the same cluster at the same time.', 1_000);
}
