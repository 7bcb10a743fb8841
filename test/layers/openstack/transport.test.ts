import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { OpenStackError, type Method } from '../../../layers/openstack/error.ts';
import { path } from '../../../layers/openstack/path.ts';
import { createTransport, type CallRecord, type Gate, type TransportRequest } from '../../../layers/openstack/transport.ts';
import { errorOf, inTurn, serve } from './service.ts';

const transport = createTransport({ backoffMs: 1 });
const ask = (endpoint: string, more: Partial<TransportRequest> = {}): TransportRequest => (
  { service: 'network', method: 'GET', endpoint, path: path`/ports/${'p1'}`, query: '', headers: {}, ...more }
);

describe('what is tried again', () => {
  it.each(['GET', 'PUT', 'DELETE'] as Method[])('%s, until it is answered', async (method) => {
    const service = await serve(inTurn({ status: 503 }, 'reset', { body: { ok: true } }));
    expect(await transport.send(ask(service.url, { method }))).toMatchObject({ status: 200, body: { ok: true } });
    expect(service.received).toHaveLength(3);
  });

  it.each(['POST', 'PATCH'] as Method[])('not %s: a create whose answer was lost may have happened', async (method) => {
    for (const answer of ['reset', { status: 502 }, { status: 503, headers: { 'retry-after': '0' } }] as const) {
      const service = await serve(inTurn(answer));
      expect(await errorOf(transport.send(ask(service.url, { method, body: {} })))).toBeInstanceOf(OpenStackError);
      expect(service.received).toHaveLength(1);
    }
  });

  it('not a PUT that acts', async () => {
    const service = await serve(inTurn({ status: 504 }));
    await errorOf(transport.send(ask(service.url, { method: 'PUT', once: true })));
    expect(service.received).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 409, 413, 500])('not %i: it would be the same again', async (status) => {
    const service = await serve(inTurn({ status }));
    expect(await errorOf(transport.send(ask(service.url)))).toMatchObject({ status });
    expect(service.received).toHaveLength(1);
  });

  it('three times at most', async () => {
    const service = await serve(inTurn({ status: 502, body: '<html><title>502 Bad Gateway</title></html>' }));
    expect(await errorOf(transport.send(ask(service.url)))).toMatchObject({ status: 502, message: '502 Bad Gateway' });
    expect(service.received).toHaveLength(3);
  });

  it.each([429, 503])('%i with a short Retry-After', async (status) => {
    const service = await serve(inTurn({ status, headers: { 'retry-after': '0' } }, { body: {} }));
    expect(await transport.send(ask(service.url))).toMatchObject({ status: 200 });
  });

  it.each([429, 503])('not %i with a long one: it is the caller\'s to wait', async (status) => {
    const service = await serve(inTurn({ status, headers: { 'retry-after': '30' } }));
    expect(await errorOf(transport.send(ask(service.url)))).toMatchObject({ status, retryAfterMs: 30_000 });
    expect(service.received).toHaveLength(1);
  });

  it('reads a Retry-After that is a date', async () => {
    const date = new Date(Date.now() + 3600_000).toUTCString();
    const service = await serve(inTurn({ status: 503, headers: { 'retry-after': date } }));
    const error = await errorOf(transport.send(ask(service.url))) as OpenStackError;
    expect(Math.round(error.retryAfterMs! / 60_000)).toBe(60);
  });
});

describe('when there is no answer', () => {
  it('nor one that does not end: what is read of it is bounded', async () => {
    let written = 0;
    const endless = http.createServer((_request, response) => {
      const go = (): void => { while (!response.destroyed && response.write(Buffer.alloc(2 ** 20, ' '))) written++; };
      response.on('drain', () => { written++; go(); });
      go();
    }).listen(0, '127.0.0.1');
    await once(endless, 'listening');
    try {
      const request = ask(`http://127.0.0.1:${(endless.address() as AddressInfo).port}`, { method: 'POST' });
      expect(await errorOf(transport.send(request))).toMatchObject({ status: 0, type: 'EMSGSIZE', message: expect.stringContaining('more than 32 MiB') as string });
      expect(written).toBeGreaterThan(16);
    } finally {
      endless.closeAllConnections();
      endless.close();
    }
  });

  it('is the same kind of error, with status 0', async () => {
    const error = await errorOf(transport.send(ask('http://127.0.0.1:1')));
    expect(error).toBeInstanceOf(OpenStackError);
    expect(error).toMatchObject({
      service: 'network',
      method: 'GET',
      path: '/ports/p1',
      status: 0,
      type: 'ECONNREFUSED',
      quota: false,
    });
  });

  it('gives up after the whole time, without another attempt', async () => {
    const service = await serve(inTurn('hang'));
    const error = await errorOf(createTransport({ timeoutMs: 50, backoffMs: 1 }).send(ask(service.url)));
    expect(error).toMatchObject({
      status: 0,
      type: 'ETIMEDOUT',
      message: expect.stringContaining('no answer within 50 ms'),
    });
    expect(service.received).toHaveLength(1);
  });

  it('gives up sooner on a connection that does not come to stand', async () => {
    const mute = net.createServer(() => undefined);
    await new Promise<void>((resolve) => { mute.listen(0, '127.0.0.1', resolve); });
    const { port } = mute.address() as AddressInfo;
    const error = await errorOf(
      createTransport({ connectTimeoutMs: 30, retries: 0 }).send(ask(`https://127.0.0.1:${port}`)),
    );
    expect(error).toMatchObject({
      status: 0,
      type: 'ETIMEDOUT',
      message: expect.stringContaining('no connection within 30 ms'),
    });
    mute.close();
  });
});

describe('one exchange', () => {
  it('sends and reads JSON, and keeps the connection', async () => {
    const service = await serve((request) => ({ body: { got: request.body } }));
    const answer = await transport.send(
      ask(service.url, {
        method: 'POST',
        path: path`/ports`,
        query: '?a=b',
        body: { name: 'ä' },
        headers: { 'x-a': 'b' },
      }),
    );
    expect(answer.body).toEqual({ got: { name: 'ä' } });
    expect(service.received[0]).toMatchObject({ method: 'POST', url: '/ports?a=b', headers: {
      'content-type': 'application/json', 'x-a': 'b', 'content-length': '13', 'connection': 'keep-alive',
    } });
  });

  it('takes an empty answer', async () => {
    const service = await serve(inTurn({ status: 204 }));
    expect(await transport.send(ask(service.url, { method: 'DELETE' }))).toMatchObject({
      status: 204,
      body: undefined,
    });
  });

  it('says so when the answer is not JSON', async () => {
    const service = await serve(inTurn({ status: 200, body: '<html>login here</html>' }));
    expect(await errorOf(transport.send(ask(service.url)))).toMatchObject({
      status: 200,
      type: 'NotJson',
      message: expect.stringContaining('not JSON'),
    });
  });

  it('is counted, each attempt, without ids', async () => {
    const calls: CallRecord[] = [];
    const service = await serve(
      inTurn({ status: 503 }, 'reset', { body: {}, headers: { 'x-openstack-request-id': 'req-1' } }),
    );
    await transport.send(ask(service.url, { onCall: (call) => calls.push(call) }));
    const common = { service: 'network', method: 'GET', path: '/ports/{id}', ms: expect.any(Number) };
    expect(calls).toEqual([
      { ...common, status: 503 },
      { ...common, status: 0 },
      { ...common, status: 200, requestId: 'req-1' },
    ]);
  });

  it('an error carries the service\'s request id', async () => {
    const service = await serve(inTurn({ status: 404, headers: { 'x-openstack-request-id': 'req-9' } }));
    expect(await errorOf(transport.send(ask(service.url)))).toMatchObject({ requestId: 'req-9' });
  });
});

describe('secrets', () => {
  it('never stand in an error, even if the service quotes them', async () => {
    const userData = 'IyFzZWNyZXQ=';
    const token = 'gAAAA-token';
    const service = await serve(({ body, headers }) => ({
      status: 400,
      body: {
        badRequest: {
          message: `Value: ${JSON.stringify(body)} ${String(headers['x-auth-token'])} ${'QUJD'.repeat(50)}`,
        },
      },
    }));
    const error = (await errorOf(
      transport.send(
        ask(service.url, {
          method: 'POST',
          headers: { 'x-auth-token': token, 'x-subject-token': 'other-token' },
          body: {
            server: { name: 'c-0', user_data: userData },
            auth: { identity: { password: { user: { password: 'hunter2' } }, token: { id: 'third' } } },
            application_credential: { secret: 'appsecret' },
          },
        }),
      ),
    )) as OpenStackError;
    const everything = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    for (const secret of [userData, token, 'hunter2', 'third', 'appsecret', 'QUJDQUJD'])
      expect(everything).not.toContain(secret);
    expect(error.message).toContain('c-0');
  });
});

describe('the gate', () => {
  const gated = (gate: Partial<Gate>) => createTransport({ backoffMs: 1, gate: { enter: async () => {}, left: async () => {}, ...gate } });

  it('is passed by every attempt, and told what became of it', async () => {
    const told: unknown[] = [];
    const entered: unknown[] = [];
    const through = gated({
      enter: async ({ service, projectId }) => void entered.push([service, projectId]),
      left: async (_, { status, retryAfterMs }) => void told.push([status, retryAfterMs]),
    });
    const service = await serve(inTurn('reset', { status: 503, headers: { 'retry-after': '1' } }, { body: {} }));
    await through.send(ask(service.url, { projectId: 'p' }));
    expect(entered).toEqual([['network', 'p'], ['network', 'p'], ['network', 'p']]);
    expect(told).toEqual([[0, undefined], [503, 1_000], [200, undefined]]);
  });

  it('turns away before anything is sent, and is not asked again for the same', async () => {
    const error = new OpenStackError({ service: 'network', method: 'GET', path: '/ports', status: 429, type: 'Paced', message: 'later', retryAfterMs: 500 });
    let asked = 0;
    const through = gated({ enter: async () => { asked++; throw error; } });
    const service = await serve(inTurn({ body: {} }));
    expect(await errorOf(through.send(ask(service.url)))).toBe(error);
    expect([asked, service.received.length]).toEqual([1, 0]);
  });
});
