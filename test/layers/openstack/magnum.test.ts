import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { UserSession } from '../../../layers/openstack/session.ts';
import type { CallRecord } from '../../../layers/openstack/transport.ts';
import { errorOf, serve, type Answer, type FakeService, type Received } from './service.ts';

// The breaker is the process's: every test has its own.
let magnum: typeof import('../../../layers/openstack/magnum.ts');
let { sessionFromToken }: Partial<typeof import('../../../layers/openstack/session.ts')> = {};
let { createTransport }: Partial<typeof import('../../../layers/openstack/transport.ts')> = {};
beforeEach(async () => {
  vi.resetModules();
  magnum = await import('../../../layers/openstack/magnum.ts');
  ({ sessionFromToken } = await import('../../../layers/openstack/session.ts'));
  ({ createTransport } = await import('../../../layers/openstack/transport.ts'));
});

const entry = (type: string, url: string) => ({ type, interface: 'public', region: 'R', url });

async function behind(
  answer: (request: Received) => Answer, catalogue = (url: string) => [entry('container-infra', `${url}/v1`)],
): Promise<FakeService & { session: UserSession; calls: CallRecord[] }> {
  const service = await serve(answer);
  const calls: CallRecord[] = [];
  const session = sessionFromToken!({
    token: 'the-users', catalogue: catalogue(service.url), region: 'R', onCall: (call) => calls.push(call),
    http: createTransport!({ backoffMs: 1, retries: 1 }),
  });
  return { ...service, session, calls };
}

describe('a request for the first generation', () => {
  it('reaches Magnum as the user made it, with their token, and its answer comes back as it is', async () => {
    const { session, received, calls } = await behind(() => ({
      status: 202, body: { uuid: 'u' }, headers: { 'openstack-api-version': 'container-infra 1.10', 'set-cookie': 'no' },
    }));
    const answer = await magnum.passOn(session, {
      method: 'POST', path: '/clusters/my cluster/actions/resize', query: '?x=1', microversion: 'container-infra 1.10',
      contentType: 'application/json', body: '{"node_count": 3 }',
    });
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.body)).toEqual({ uuid: 'u' });
    expect(answer.headers).toMatchObject({ 'openstack-api-version': 'container-infra 1.10' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(received[0]).toMatchObject({ method: 'POST', path: '/v1/clusters/my%20cluster/actions/resize' });
    expect(received[0]!.headers).toMatchObject({
      'x-auth-token': 'the-users', 'openstack-api-version': 'container-infra 1.10', 'content-type': 'application/json',
    });
    expect(calls).toMatchObject([{ service: 'container-infra', method: 'POST', status: 202 }]);
  });

  it('comes back with Magnum\'s own refusal, not with an error of ours', async () => {
    const { session } = await behind(() => ({ status: 409, body: { errors: [{ title: 'no' }] } }));
    const answer = await magnum.passOn(session, { method: 'GET', path: '/clusters/two' });
    expect(answer).toMatchObject({ status: 409, body: JSON.stringify({ errors: [{ title: 'no' }] }) });
  });

  it('does not climb out of /v1', async () => {
    const { session, received } = await behind(() => ({ body: {} }));
    for (const path of ['/clusters/../../identity', '/clusters/%2e%2e/x', '/./x']) {
      expect(await errorOf(magnum.passOn(session, { method: 'GET', path }))).toMatchObject({ status: 404 });
    }
    expect(received).toEqual([]);
  });

  it('leaves a Magnum alone for a while that has not answered three times', async () => {
    const { session, received } = await behind(() => ({ status: 503 }));
    const ask = () => errorOf(magnum.passOn(session, { method: 'POST', path: '/clusters' }));
    for (let i = 0; i < 3; i++) expect(await ask()).toMatchObject({ status: 503 });
    expect(await ask()).toMatchObject({ status: 0, type: 'MagnumRests' });
    expect(received).toHaveLength(3);
  });

  it('is not held up by refusals, however many', async () => {
    const { session } = await behind(() => ({ status: 404, body: {} }));
    for (let i = 0; i < 5; i++) {
      expect(await magnum.passOn(session, { method: 'GET', path: '/clusters/none' })).toMatchObject({ status: 404 });
    }
  });
});

describe('which Magnum', () => {
  const moorage = 'http://moorage.example:9512';
  it('is the one that has moved to the second type', async () => {
    const { session, received } = await behind(() => ({ body: { clusters: [] } }), (url) => [
      entry('container-infra', `${moorage}/v1`), entry('managed-k8s', `${moorage}/v2`), entry('container-infra-magnum', `${url}/v1`),
    ]);
    expect(await magnum.listClusters(session, {})).toEqual({ items: [] });
    expect(received[0]!.path).toBe('/v1/clusters');
  });

  it('is never Moorage itself, which would go round in circles', async () => {
    const { session, received } = await behind(() => ({ body: {} }), (url) => [
      entry('container-infra', `${url}/v1`), entry('managed-k8s', `${url}/v2`),
    ]);
    expect(await errorOf(magnum.listClusters(session, {}))).toMatchObject({ type: 'EndpointNotFound' });
    expect(received).toEqual([]);
  });
});

describe('a page of clusters', () => {
  it('is asked for as the user asked, and tells where it goes on', async () => {
    const { session, received } = await behind(({ path }) => ({
      body: { clusters: [{ uuid: 'a', name: 'a' }], next: `http://elsewhere${path}?limit=1&marker=a` },
    }));
    expect(await magnum.listClusters(session, { limit: 1, sort_key: 'name' }, { detail: true, microversion: 'container-infra 1.9' }))
      .toEqual({ items: [{ uuid: 'a', name: 'a' }], next: 'a' });
    expect(received[0]).toMatchObject({ path: '/v1/clusters/detail' });
    expect(received[0]!.headers['openstack-api-version']).toBe('container-infra 1.9');
  });

  it('is an error of Magnum\'s status and words when it is refused', async () => {
    const { session } = await behind(() => ({ status: 406, body: { errors: [{ detail: 'Not that version' }] } }));
    expect(await errorOf(magnum.listClusterTemplates(session, {}))).toMatchObject({ status: 406, message: 'Not that version' });
  });
});
