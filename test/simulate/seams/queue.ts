/** In place of layers/platform/queue.ts: hints go into virtual queues. */
import type { Queue } from '../../../layers/engine/ports.ts';
import { world } from './world.ts';

export const queue: Queue = {
  send: (hint, to, delayMs = 0) => world().effects.take({ kind: 'message', what: to ?? 'advance' },
    () => world().queues.send(to ?? 'advance', JSON.stringify(hint), Math.min(Math.ceil(delayMs / 1_000) * 1_000, 900_000))),
};
