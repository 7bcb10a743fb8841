/** Many seeds on all cores. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Verdict } from './simulate.ts';

export type Summary = Omit<Verdict, 'history'>;

/** Simulates each of the seeds; `told` hears of each as it ends. Stops early when `told` answers false. */
export async function simulateMany(text: string, seeds: Iterable<number>, told: (summary: Summary) => boolean | void, cores = availableParallelism()): Promise<void> {
  const next = seeds[Symbol.iterator]();
  let isOver = false;
  await Promise.all(Array.from({ length: cores }, () => new Promise<void>((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { text } });
    const give = (): void => {
      const { value, done } = next.next();
      if (done || isOver) void worker.terminate().then(() => resolve());
      else worker.postMessage(value);
    };
    worker.on('message', (summary: Summary) => {
      if (told(summary) === false) isOver = true;
      give();
    });
    worker.on('error', reject);
    give();
  })));
}
