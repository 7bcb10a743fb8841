/** Many worlds on all cores. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Portable } from './prepared.ts';
import type { Done, SeedTask, StoryTask } from './worker.ts';

/** A process keeps some megabytes of each world that was evaluated in it: after so many a worker makes room for a new one. */
const mostTasks = 100;

/** Does each of the tasks; `told` hears of each as it ends. Stops early when `told` answers false. */
export async function inAllWorlds<Task extends SeedTask | StoryTask>(
  { text, reference }: Portable, tasks: Iterable<Task>, told: (done: Extract<Done, { kind: Task['kind'] }>) => boolean | void,
): Promise<void> {
  const next = tasks[Symbol.iterator]();
  let isOver = false;
  /** A worker's life. */
  const live = (): Promise<void> => new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { text, reference } });
    let left = mostTasks;
    const retire = (): void => void worker.terminate().then(() => resolve());
    const give = (): void => {
      if (isOver || left === 0) return retire();
      left -= 1;
      const { value, done } = next.next();
      if (!done) return worker.postMessage(value);
      isOver = true;
      retire();
    };
    worker.on('message', (done: Extract<Done, { kind: Task['kind'] }>) => {
      if (told(done) === false) isOver = true;
      give();
    });
    worker.on('error', reject);
    give();
  });
  await Promise.all(Array.from({ length: availableParallelism() }, async () => {
    while (!isOver) await live();
  }));
}
