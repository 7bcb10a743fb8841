/** A user's sessions of one function: what they ask Keystone, and how often. */
import { expect, it } from 'vitest';
import { listPorts } from '../../../layers/openstack/neutron.ts';
import { errorOf, serve } from '../openstack/service.ts';

it('a token\'s catalogue is read once for all requests with it, and again where reading failed', async () => {
  let isDown = true;
  const service = await serve(({ path }) => {
    if (path !== '/v3/auth/catalog') return { body: { ports: [] } };
    if (isDown) return { status: 400 };
    return { body: { catalog: [{ type: 'network', endpoints: [{ interface: 'public', region_id: 'RegionOne', url: service.url }] }] } };
  });
  Object.assign(process.env, { OS_AUTH_URL: `${service.url}/v3`, OS_USERNAME: 'moorage', EXTERNAL_NETWORK: 'public' });
  const { userSession } = await import('../../../layers/http/sessions.ts');
  const ask = (token: string) => listPorts(userSession({ token }, 'req-1'));
  const readings = () => service.received.filter(({ path }) => path === '/v3/auth/catalog').map(({ headers }) => headers['x-auth-token']);

  expect(await errorOf(ask('one'))).toMatchObject({ status: 400 });
  isDown = false;
  for (const token of ['one', 'one', 'another', 'one']) await ask(token);
  expect(readings()).toEqual(['one', 'one', 'another']);
});
