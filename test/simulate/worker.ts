/** Does the tasks that it is sent, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { arrived, type Portable } from './prepared.ts';
import { simulate, type Given, type Verdict } from './simulate.ts';
import { tellStory, type Death, type StoryName, type Told } from './stories.ts';

export interface SeedTask { kind: 'seed'; seed: number; given?: Given }
export interface StoryTask { kind: 'story'; story: StoryName; death?: Death }
export type Done = (SeedTask & { verdict: Omit<Verdict, 'history'> }) | (StoryTask & { told: Told });

const prepared = arrived(workerData as Portable);

async function work(task: SeedTask | StoryTask): Promise<Done> {
  if (task.kind === 'story') return { ...task, told: await tellStory(prepared, task.story, task.death) };
  const { history: _all, ...verdict } = await simulate(prepared, task.seed, task.given);
  return { ...task, verdict };
}

parentPort!.on('message', (task: SeedTask | StoryTask) => void work(task).then((done) => parentPort!.postMessage(done)));
