import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as keystone from '../../layers/openstack/keystone.ts';
import { openSession, type Session } from '../../layers/openstack/session.ts';
import { localCloud, scopeOf } from '../../local/clouds.ts';
import { startCloud, type Cloud } from '../../local/openstack/cloud.ts';
import { register, unregister, type Place } from '../../local/register/catalogue.ts';

let cloud: Cloud;
let admin: Session;
const place: Place = { url: 'https://moorage.example', region: 'RegionOne', magnumType: 'container-infra-magnum' };
const said: string[] = [];
const say = (line: string): void => void said.push(line);

beforeEach(async () => {
  cloud = await startCloud({ scale: 1_000 });
  const { authUrl, admin: login } = localCloud(cloud);
  admin = openSession({ authUrl, credential: login!, scope: scopeOf(login!) });
  said.length = 0;
});
afterEach(() => cloud.close());

/** `type interface region url` of everything in the catalogue that is about clusters. */
async function catalogue(): Promise<string[]> {
  const services = await keystone.listServices(admin);
  const types = new Map(services.map(({ id, type, name }) => [id, `${type}/${name}`]));
  return (await keystone.listEndpoints(admin))
    .map(({ service_id, interface: face, region_id, url }) => `${types.get(service_id)} ${face} ${region_id} ${url}`)
    .filter((line) => /container-infra|managed-k8s/.test(line)).toSorted();
}

const magnumUrl = async (): Promise<string> => {
  const [service] = await keystone.listServices(admin, { type: 'container-infra' });
  return (await keystone.listEndpoints(admin, { service_id: service!.id, interface: 'public' }))[0]!.url;
};

describe('registering', () => {
  it('puts both APIs into the catalogue and moves the cloud\'s Magnum to a second type', async () => {
    const url = await magnumUrl();
    await register(admin, place, say);
    expect(await catalogue()).toEqual(['admin', 'internal', 'public'].flatMap((face) => [
      `container-infra-magnum/magnum ${face} RegionOne ${url}`, `container-infra/magnum ${face} RegionOne https://moorage.example/v1`,
      `managed-k8s/moorage ${face} RegionOne https://moorage.example/v2`,
    ]).toSorted());
  });

  it('changes nothing the second time', async () => {
    await register(admin, place, say);
    const first = await catalogue();
    said.length = 0;
    await register(admin, place, say);
    expect(said).toEqual([]);
    expect(await catalogue()).toEqual(first);
  });

  it('moves our endpoints, and not Magnum\'s, when Moorage is reached elsewhere', async () => {
    const url = await magnumUrl();
    await register(admin, place, say);
    await register(admin, { ...place, url: 'https://elsewhere.example' }, say);
    const after = await catalogue();
    expect(after.filter((line) => line.includes('moorage.example'))).toEqual([]);
    expect(after.filter((line) => line.includes(url)).every((line) => line.startsWith('container-infra-magnum/'))).toBe(true);
    expect(after).toHaveLength(9);
  });

  it('touches no other region', async () => {
    const [service] = await keystone.listServices(admin, { type: 'container-infra' });
    await keystone.createEndpoint(admin, { service_id: service!.id, interface: 'public', region_id: 'RegionTwo', url: 'https://two/v1' });
    await register(admin, place, say);
    expect(await catalogue()).toContain('container-infra/magnum public RegionTwo https://two/v1');
  });

  it('goes on where an earlier run was broken off', async () => {
    const url = await magnumUrl();
    const service = await keystone.createService(admin, { type: 'container-infra-magnum', name: 'magnum' });
    const [first] = await keystone.listEndpoints(admin, { interface: 'public' }).then((all) => all.filter((endpoint) => endpoint.url === url));
    await keystone.updateEndpoint(admin, first!.id, { service_id: service.id });
    await register(admin, place, say);
    expect((await catalogue()).filter((line) => line.includes(url))).toHaveLength(3);
    expect((await catalogue()).filter((line) => line.startsWith('container-infra/') && line.includes(url))).toEqual([]);
  });
});

describe('taking it back', () => {
  it('leaves the catalogue as it was', async () => {
    const before = await catalogue();
    await register(admin, place, say);
    await unregister(admin, place, say);
    expect(await catalogue()).toEqual(before);
    expect((await keystone.listServices(admin)).map(({ type }) => type)).not.toContain('managed-k8s');
    said.length = 0;
    await unregister(admin, place, say);
    expect(said).toEqual([]);
  });

  it('takes our own Magnum entry along where the cloud has none', async () => {
    const [service] = await keystone.listServices(admin, { type: 'container-infra' });
    await keystone.deleteService(admin, service!.id);
    await register(admin, place, say);
    expect(await catalogue()).toHaveLength(6);
    await unregister(admin, place, say);
    expect(await catalogue()).toEqual([]);
  });
});
