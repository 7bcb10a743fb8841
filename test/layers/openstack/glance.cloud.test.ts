import { expect, it } from 'vitest';
import * as glance from '../../../layers/openstack/glance.ts';
import { describeOnCloud, openAdmin } from './cloud.ts';

describeOnCloud('Glance', () => {
  const session = openAdmin();

  it('lists images over all pages, by name, and one by id', async () => {
    const images = await glance.listImages(session, { status: 'active' });
    expect(images.length).toBeGreaterThan(0);
    const oneByOne = await glance.listImages(session, { status: 'active', limit: 1 } as object);
    expect(oneByOne.map(({ id }) => id)).toEqual(images.map(({ id }) => id));
    const [image] = images;
    expect(await glance.listImages(session, { name: image!.name })).toContainEqual(
      expect.objectContaining({ id: image!.id }),
    );
    expect(await glance.listImages(session, { name: 'no such image' })).toEqual([]);
    expect(await glance.getImage(session, image!.id)).toMatchObject({
      id: image!.id,
      name: image!.name,
      status: 'active',
    });
    expect(await glance.getImage(session, '00000000-0000-0000-0000-000000000000')).toBeUndefined();
  });
});
