/** What is remembered between admissions: never what a request is refused for. */
import { expect, it, vi } from 'vitest';
import type { Sessions } from '../../../layers/admission/admit-cluster.ts';
import type { Request } from '../../../layers/http/endpoint.ts';
import { listNetworks, listPorts } from '../../../layers/openstack/neutron.ts';
import { errorOf, serve } from '../openstack/service.ts';

it('lookups of a token are asked once, again before a refusal, and what counts each time', async () => {
  let networks = ['one'];
  let isDown = false;
  let isStuck = false;
  const service = await serve(({ path }) => {
    if (path === '/v3/auth/catalog') return { body: { catalog: [{ type: 'network', endpoints: [{ interface: 'public', region_id: 'RegionOne', url: service.url }] }] } };
    if (isDown) return { status: 400 };
    if (isStuck && path.endsWith('/networks')) return 'hang';
    return { body: path.endsWith('/ports') ? { ports: [] } : { networks: networks.map((id) => ({ id })) } };
  });
  Object.assign(process.env, { OS_AUTH_URL: `${service.url}/v3`, OS_USERNAME: 'moorage', EXTERNAL_NETWORK: 'public' });
  const { admit } = await import('../../../layers/http/remembered.ts');
  const asked = (): string => service.received.splice(0).map(({ path }) => path.split('/').at(-1)!).filter((name) => name !== 'catalog').join(' ');
  const on = (token: string, network: string) => admit(
    { caller: { token }, requestId: 'req-1', event: { requestContext: { requestId: 'invocation' } } } as Request,
    async ({ user, lookups }: Sessions) => {
      await listPorts(user);
      const found = await listNetworks(lookups);
      return found.some(({ id }) => id === network) ? { admitted: network } : { problems: [{ path: '$.network', code: 'network_unknown', message: 'is not there' }] };
    });

  expect(await on('token', 'one')).toEqual({ admitted: 'one' });
  expect(asked()).toBe('ports networks');
  expect(await on('token', 'one')).toEqual({ admitted: 'one' });
  expect(asked()).toBe('ports');
  // Another token may see something else.
  expect(await on('another', 'one')).toEqual({ admitted: 'one' });
  expect(asked()).toBe('ports networks');

  networks = ['two'];
  expect(await on('token', 'two')).toEqual({ admitted: 'two' });
  expect(asked()).toBe('ports ports networks');
  // What the second look found counts from then on.
  expect(await on('token', 'two')).toEqual({ admitted: 'two' });
  expect(asked()).toBe('ports');
  expect(await on('token', 'one')).toHaveProperty('problems');
  expect(asked()).toBe('ports ports networks');
  // Nothing remembered, nothing to be asked again.
  expect(await on('third', 'one')).toHaveProperty('problems');
  expect(asked()).toBe('ports networks');

  isDown = true;
  expect(await errorOf(on('fourth', 'two'))).toMatchObject({ status: 400 });
  asked();
  isDown = false;
  expect(await on('fourth', 'two')).toEqual({ admitted: 'two' });
  expect(asked()).toBe('ports networks');

  // A function may end while it still waits for an answer: the next one does not wait for that.
  isStuck = true;
  on('fifth', 'two').catch(() => undefined);
  await vi.waitUntil(() => service.received.some(({ path }) => path.endsWith('/networks')));
  asked();
  isStuck = false;
  expect(await on('fifth', 'two')).toEqual({ admitted: 'two' });
  expect(asked()).toBe('ports networks');
});
