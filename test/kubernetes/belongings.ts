/** What a cluster makes by itself, and in whose project. */
import { expect, test } from 'vitest';
import { keepBook, serve } from '../../local/demo/workload.ts';
import * as cinder from '../../layers/openstack/cinder.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { objectOf } from './pods.ts';
import type { World } from './world.ts';

export function belongingsTests(world: () => World): void {
  test('a Service of type LoadBalancer answers at an address of the user\'s project', async () => {
    const { kubectl, admin, userProjectId } = world();
    const { address, answers } = await serve(kubectl, 2);
    expect(answers).toHaveLength(2);
    for (const answer of answers) expect(answer).toMatch(/^hello from quay-/);
    const [floating] = await neutron.listFloatingIps(admin, { floating_ip_address: address });
    const loadBalancers = await octavia.listLoadBalancers(admin, { project_id: userProjectId });
    expect(floating!.project_id).toBe(userProjectId);
    expect(loadBalancers.map(({ vip_port_id }) => vip_port_id)).toContain(floating!.port_id);
  });

  test('a claim makes a volume in the service project, which keeps what a pod wrote when the pod is gone', async () => {
    const { kubectl, admin, serviceProjectId } = world();
    expect(await keepBook(kubectl)).toBe('written by the first pod');
    const { spec: { volumeName } } = await objectOf<{ spec: { volumeName: string } }>(kubectl, 'pvc', 'log-book');
    const { spec: { csi } } = await objectOf<{ spec: { csi: { volumeHandle: string } } }>(kubectl, 'pv', volumeName);
    const volume = await cinder.getVolume(admin, csi.volumeHandle)
      ?? (await cinder.listVolumes(admin, { all_tenants: true })).find(({ id }) => id === csi.volumeHandle);
    expect(volume?.['os-vol-tenant-attr:tenant_id']).toBe(serviceProjectId);
  });
}
