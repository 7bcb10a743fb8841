/** Nodes: how they join, and what they say of themselves. */
import { expect, test } from 'vitest';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import { objectOf } from './pods.ts';
import { statusOf } from './https.ts';
import { options, type World } from './world.ts';

interface Node {
  metadata: { name: string; labels: Record<string, string> };
  spec: { providerID: string; taints?: { key: string; value?: string; effect: string }[] };
  status: { addresses: { type: string; address: string }[]; conditions: { type: string; status: string }[]; nodeInfo: { kubeletVersion: string } };
}

export function nodesTests(world: () => World): void {
  test('every worker is a Ready node of the cluster\'s version, with the group\'s labels and taints', async () => {
    const { items } = await objectOf<{ items: Node[] }>(world().kubectl, 'nodes');
    expect(items).toHaveLength(options.workers);
    for (const { metadata, spec, status } of items) {
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
      expect(status.nodeInfo.kubeletVersion).toBe(world().version);
      expect(metadata.labels).toMatchObject({ tier: 'demo', 'moorage.io/node-group': 'berths', 'topology.kubernetes.io/zone': expect.any(String) as string });
      expect(spec.taints ?? []).toContainEqual({ key: 'berth', value: 'deep', effect: 'PreferNoSchedule' });
    }
  });

  test('a node is the server of its provider id, at the address of its sub-port on the user\'s network', async () => {
    const { admin, userProjectId, serviceProjectId, kubectl } = world();
    const servers = await nova.listServers(admin, { all_tenants: true, project_id: serviceProjectId });
    const ports = await neutron.listPorts(admin);
    const { items } = await objectOf<{ items: Node[] }>(kubectl, 'nodes');
    for (const { metadata: { name }, spec, status } of items) {
      const server = servers.find((one) => one.name === name)!;
      expect(spec.providerID).toBe(`openstack:///${server.id}`);
      const parent = ports.find((port) => port.device_id === server.id)!;
      const subPort = ports.find(({ id }) => id === parent.trunk_details?.sub_ports[0]?.port_id)!;
      expect(subPort.project_id).toBe(userProjectId);
      expect(status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address)).toEqual(subPort.fixed_ips.map(({ ip_address }) => ip_address));
    }
  });

  test('nobody asks for a node\'s certificate without a valid token', async () => {
    const { server, caPem } = world();
    const requests = `${server}/apis/certificates.k8s.io/v1/certificatesigningrequests`;
    for (const headers of [{}, { authorization: 'Bearer abcdef.0123456789abcdef' }]) {
      expect(await statusOf(requests, caPem, headers)).toBe(401);
    }
  });

  test('certificates of nodes were asked for with a bootstrap token and approved by themselves', async () => {
    const { items } = await objectOf<{ items: { spec: { username: string; signerName: string }; status: { conditions?: { type: string; reason: string }[] } }[] }>(
      world().kubectl, 'certificatesigningrequests');
    const joined = items.filter(({ spec }) => spec.username.startsWith('system:bootstrap:'));
    expect(joined.length).toBeGreaterThanOrEqual(options.workers);
    for (const { status } of joined) expect(status.conditions).toContainEqual(expect.objectContaining({ type: 'Approved', reason: 'AutoApproved' }));
  });
}
