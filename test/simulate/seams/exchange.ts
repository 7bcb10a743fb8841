/** In place of layers/openstack/exchange.ts: requests go to the stand-in in the same process. */
import type { Exchange } from '../../../layers/openstack/exchange.ts';
import { world } from './world.ts';

export const createExchange = (): Exchange => ({ method, url, headers, body, signal }) =>
  world().effects.take({ kind: 'cloud', what: `${method} ${new URL(url).pathname}` }, () => new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    world().wire.ask({ method, url, headers: { ...headers }, text: body ?? '' }).then((answer) => {
      if (!answer) return reject(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
      const lower = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]));
      return resolve({ status: answer.status, headers: lower, body: answer.text });
    }, reject);
  }));
