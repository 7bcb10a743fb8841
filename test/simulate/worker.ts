/** Simulates the seeds that it is sent, one after another. */
import { parentPort, workerData } from 'node:worker_threads';
import { compile } from './realm.ts';
import { simulate } from './simulate.ts';

const program = compile((workerData as { text: string }).text);

parentPort!.on('message', (seed: number) => {
  void simulate(program, seed).then(({ history: _all, ...verdict }) => parentPort!.postMessage(verdict));
});
