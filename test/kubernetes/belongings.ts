/** What a cluster makes by itself, and in whose project. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { follow } from '../../local/demo/follow.ts';
import { keepBook, serve } from '../../local/demo/workload.ts';
import * as cinder from '../../layers/openstack/cinder.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { objectOf, startPod } from './pods.ts';
import type { World } from './world.ts';

interface Attachment { spec: { source: { persistentVolumeName?: string } } }

const attachmentsOf = async (kubectl: World['kubectl'], volumeName: string): Promise<Attachment[]> =>
  (await objectOf<{ items: Attachment[] }>(kubectl, 'volumeattachments')).items.filter(({ spec }) => spec.source.persistentVolumeName === volumeName);

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

  test('a volume becomes its user\'s once nothing has it, with what is on it, and the cluster forgets it', async () => {
    const { kubectl, user, userProjectId, api, clusterId } = world();
    const { spec: { volumeName } } = await objectOf<{ spec: { volumeName: string } }>(kubectl, 'pvc', 'log-book');
    const handOver = () => api.call<{ volume_id: string; operation_id: string }>('POST', `/v2/clusters/${clusterId}:handOverVolume`, { persistent_volume: volumeName });
    await kubectl(['delete', 'pod', 'keeper', '--ignore-not-found']);
    await startPod(kubectl, 'reader', { claim: 'log-book' });
    await expect(handOver()).rejects.toMatchObject({ status: 409, body: expect.stringContaining('volume_attached') as string });
    await kubectl(['delete', 'pod', 'reader']);
    while ((await attachmentsOf(kubectl, volumeName)).length > 0) await pause(500);

    const { volume_id, operation_id } = await handOver();
    await follow(api, clusterId, operation_id, 'hand over');
    expect(await cinder.getVolume(user, volume_id)).toMatchObject({ status: 'available', 'os-vol-tenant-attr:tenant_id': userProjectId });
    await expect(kubectl(['get', 'pvc', 'log-book'])).rejects.toThrow(/NotFound/);
    await expect(kubectl(['get', 'pv', volumeName])).rejects.toThrow(/NotFound/);
    await cinder.deleteVolume(user, volume_id);
    while (await cinder.getVolume(user, volume_id)) await pause(500);
  });
}
