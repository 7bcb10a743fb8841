import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../layers/cluster/cluster.ts';
import { storageClassesOf } from '../../../layers/lifecycle/storage-classes.ts';
import { volumeZoneOf } from '../../../layers/lifecycle/volume-zones.ts';
import type { Session } from '../../../layers/openstack/session.ts';

const cloudWith = (zones: Record<string, boolean>): Session => ({
  request: async <T>({ path }: { path: { text: string } }) => (path.text === '/os-availability-zone'
    ? { availabilityZoneInfo: Object.entries(zones).map(([zoneName, available]) => ({ zoneName, zoneState: { available } })) }
    : { volume_types: [{ name: 'standard', is_public: true }] }) as T,
});
const cluster = { zones: ['zone-1', 'zone-2'], volumeType: 'standard' } as Cluster;

describe('where persistent volumes are made', () => {
  test('in the zone of their node, where Cinder has the zones of the machines', async () => {
    const service = cloudWith({ 'zone-1': true, 'zone-2': true });
    expect(await volumeZoneOf({ service, cluster })).toBeUndefined();
    expect(await storageClassesOf({ service, cluster })).toEqual([{ name: 'standard', volumeType: 'standard', isDefault: true }]);
  });

  test('in a zone that Cinder has, where it has others: it refuses a volume for one that it does not know', async () => {
    const service = cloudWith({ down: false, nova: true });
    expect(await volumeZoneOf({ service, cluster })).toBe('nova');
    expect(await storageClassesOf({ service, cluster })).toEqual([{ name: 'standard', volumeType: 'standard', isDefault: true, zone: 'nova' }]);
  });
});
