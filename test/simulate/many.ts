/** Many worlds on all cores. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Portable } from './prepared.ts';
import type { Done, SeedTask, StoryTask } from './worker.ts';

/** Does each of the tasks; `told` hears of each as it ends. Stops early when `told` answers false. */
export async function inAllWorlds<Task extends SeedTask | StoryTask>(
  { text, reference }: Portable, tasks: Iterable<Task>, told: (done: Extract<Done, { kind: Task['kind'] }>) => boolean | void,
): Promise<void> {
  const next = tasks[Symbol.iterator]();
  let isOver = false;
  await Promise.all(Array.from({ length: availableParallelism() }, () => new Promise<void>((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { text, reference } });
    const give = (): void => {
      const { value, done } = isOver ? { value: undefined, done: true } : next.next();
      if (done) void worker.terminate().then(() => resolve());
      else worker.postMessage(value);
    };
    worker.on('message', (done: Extract<Done, { kind: Task['kind'] }>) => {
      if (told(done) === false) isOver = true;
      give();
    });
    worker.on('error', reject);
    give();
  })));
}
