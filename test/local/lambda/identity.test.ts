import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { actAs, callerHeader } from '../../../local/lambda/identity.ts';

test('calls carry the name of the function that makes them, also of those that run at once', async () => {
  const seen: [unknown, unknown][] = [];
  const server = createServer(({ headers }, response) => { seen.push([headers['x-sent'], headers[callerHeader]]); response.end(); }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const call = async (sent: string): Promise<void> => {
    await new Promise((resume) => setImmediate(resume));
    const [response] = await once(request({ host: '127.0.0.1', port, headers: { 'x-sent': sent } }).end(), 'response');
    response.resume();
    await once(response, 'end');
  };
  await Promise.all(['a', 'b', 'c'].map((name) => actAs(name, () => call(name))({}, {})));
  await call('nobody');
  server.close();
  expect(seen.toSorted()).toEqual([['a', 'a'], ['b', 'b'], ['c', 'c'], ['nobody', undefined]]);
});
