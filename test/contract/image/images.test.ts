// Source: Image API v2 (docs.openstack.org/api-ref/image/v2), and what a Zed Glance answered.
import { describe, expect, it } from 'vitest';
import * as glance from '../../../layers/openstack/glance.ts';
import { useActors } from '../actors.ts';

const actors = useActors();

describe('images', () => {
  it('are listed over all pages', async () => {
    const images = await glance.listImages(actors.user.session, { status: 'active' });
    expect(images.length).toBeGreaterThan(1);
    const oneByOne = await glance.listImages(actors.user.session, { status: 'active', limit: 1 } as object);
    expect(oneByOne.map(({ id }) => id)).toEqual(images.map(({ id }) => id));
  });

  it('are found by name, and by id', async () => {
    const { session } = actors.user;
    const [image] = await glance.listImages(session, { status: 'active', visibility: 'public' });
    expect(await glance.listImages(session, { name: image!.name })).toContainEqual(expect.objectContaining({ id: image!.id }));
    expect(await glance.listImages(session, { name: 'no such image' })).toEqual([]);
    expect(await glance.getImage(session, image!.id)).toMatchObject({ id: image!.id, name: image!.name, status: 'active', min_disk: expect.any(Number) });
    expect(await glance.getImage(session, '00000000-0000-0000-0000-000000000000')).toBeUndefined();
  });

  it('of nodes carry the version of Kubernetes in their name', async () => {
    const images = await glance.listImages(actors.user.session, { status: 'active', visibility: 'public' });
    expect(images.map(({ name }) => name)).toContainEqual(expect.stringMatching(/-kube-v\d+\.\d+\.\d+$/));
  });
});
