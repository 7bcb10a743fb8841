import { describe, expect, it } from 'vitest';
import * as cinder from '../../../layers/openstack/cinder.ts';
import * as glance from '../../../layers/openstack/glance.ts';
import * as keystone from '../../../layers/openstack/keystone.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as nova from '../../../layers/openstack/nova.ts';
import { sessionFromToken, type Session } from '../../../layers/openstack/session.ts';
import { createTransport } from '../../../layers/openstack/transport.ts';
import { errorOf, inTurn, serve, type Answer, type FakeService, type Received } from './service.ts';

async function open(
  answer: (request: Received, index: number) => Answer,
): Promise<{ session: Session; service: FakeService }> {
  const service = await serve(answer);
  const http = createTransport({ backoffMs: 1 });
  return { service, session: sessionFromToken({ token: 't', catalogue: service.catalogue, http }) };
}

describe('a list', () => {
  const pages = (key: string, links: (next: string | undefined) => object) => ({ query, path }: Received): Answer => {
    const at = Number(query.get('marker') ?? '0');
    const next =
      at < 2 ? `https://behind.a.proxy${path}?limit=1&name=${query.get('name') ?? ''}&marker=${at + 1}` : undefined;
    return { body: { [key]: [{ id: `i${at}` }], ...links(next) } };
  };
  const listed =
    (key: string) =>
    (next: string | undefined): object =>
      next
        ? {
            [`${key}_links`]: [
              { rel: 'previous', href: 'x:y' },
              { rel: 'next', href: next },
            ],
          }
        : {};

  it.each<[string, (request: Received) => Answer, (session: Session) => Promise<{ id: string }[]>]>([
    ['Neutron', pages('ports', listed('ports')), (session) => neutron.listPorts(session, { name: 'n' })],
    ['Nova', pages('servers', listed('servers')), (session) => nova.listServers(session, { name: 'n' })],
    ["Cinder's types", pages('volume_types', listed('volume_type')), (session) => cinder.listVolumeTypes(session)],
    ['Glance', pages('images', (next) => ({ next })), (session) => glance.listImages(session, { name: 'n' })],
    [
      'Keystone',
      pages('projects', (next) => ({ links: { next: next ?? null } })),
      (session) => keystone.listProjects(session, { name: 'n' }),
    ],
  ])('of %s goes on to the last page, at the same service', async (_, answer, act) => {
    const { session, service } = await open(answer);
    expect((await act(session)).map(({ id }) => id)).toEqual(['i0', 'i1', 'i2']);
    expect(new Set(service.received.map(({ path }) => path)).size).toBe(1);
    expect(service.received[0]!.query.get('limit')).toBe('1000');
  });

  it('that has no links goes on by offset', async () => {
    const all = Array.from({ length: 1500 }, (_, index) => ({ id: `g${index}` }));
    const { session } = await open(({ query }) => ({
      body: { server_groups: all.slice(Number(query.get('offset') ?? 0)).slice(0, 1000) },
    }));
    expect(await nova.listServerGroups(session)).toEqual(all);
  });

  it('that never ends is an error', async () => {
    const { session, service } = await open(() => ({
      body: { ports: [], ports_links: [{ rel: 'next', href: 'http://x/?marker=m' }] },
    }));
    expect(await errorOf(neutron.listPorts(session))).toMatchObject({ type: 'TooManyPages', path: '/ports' });
    expect(service.received).toHaveLength(200);
  });

  it('that is cut off is an error', async () => {
    const { session } = await open(inTurn({ body: { projects: [], truncated: true, links: { next: null } } }));
    expect(await errorOf(keystone.listProjects(session))).toMatchObject({ type: 'Truncated', service: 'identity' });
  });

  it('without its key is an error that says so', async () => {
    const { session } = await open(inTurn({ body: { versions: [] } }));
    expect(await errorOf(neutron.listPorts(session))).toMatchObject({
      type: 'UnexpectedAnswer',
      message: 'network answered without "ports"',
    });
  });
});

describe('one resource', () => {
  it('that is not there is undefined', async () => {
    const { session } = await open(inTurn({ status: 404 }));
    expect(await neutron.getPort(session, 'p')).toBeUndefined();
    expect(await glance.getImage(session, 'i')).toBeUndefined();
  });

  it('that cannot be asked for is an error', async () => {
    const { session } = await open(inTurn({ status: 403 }));
    expect(await errorOf(neutron.getPort(session, 'p'))).toMatchObject({ status: 403 });
    expect(await errorOf(neutron.deletePort(session, 'p'))).toMatchObject({ status: 403, method: 'DELETE' });
  });

  it('is deleted when it is not there', async () => {
    const { session } = await open(inTurn({ status: 503 }, { status: 404 }));
    await expect(neutron.deletePort(session, 'p')).resolves.toBeUndefined();
  });

  it('is written in its wrapper and read without it', async () => {
    const { session, service } = await open(({ body }) => ({ status: 201, body }));
    expect(await neutron.createPort(session, { name: 'p', network_id: 'n' })).toEqual({ name: 'p', network_id: 'n' });
    expect(service.received[0]).toMatchObject({
      method: 'POST',
      path: '/v2.0/ports',
      body: { port: { name: 'p', network_id: 'n' } },
    });
  });

  it('of Nova names its group beside it, and keeps the password it answers to itself', async () => {
    const { session, service } = await open(
      inTurn({ status: 202, body: { server: { id: 's', adminPass: 'secret' } } }),
    );
    expect(await nova.createServer(session, { name: 's', flavorRef: 'f', networks: 'none' }, { group: 'g' })).toEqual({
      id: 's',
    });
    expect(service.received[0]).toMatchObject({
      headers: { 'openstack-api-version': 'compute 2.93' },
      body: { server: { name: 's' }, 'os:scheduler_hints': { group: 'g' } },
    });
  });

  it('of Cinder asks for a version of the API by the old name, and for metadata in JSON', async () => {
    const { session, service } = await open(inTurn({ body: { volumes: [] } }));
    await cinder.listVolumes(session, { metadata: { moorage: 'x' }, all_tenants: true });
    expect(service.received[0]!.headers['openstack-api-version']).toBe('volume 3.59');
    expect(Object.fromEntries(service.received[0]!.query)).toMatchObject({
      metadata: '{"moorage":"x"}',
      all_tenants: 'true',
    });
  });

  it('is not acted on twice', async () => {
    const { session, service } = await open(inTurn({ status: 504 }));
    await errorOf(neutron.addRouterInterface(session, 'r', { subnet_id: 's' }));
    await errorOf(neutron.addSubports(session, 't', []));
    expect(service.received).toHaveLength(2);
  });
});
