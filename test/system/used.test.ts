/** A cluster that is used: what it makes itself is where it belongs and goes with it, and its secrets are nowhere to be read. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '../../layers/kubernetes/manifests/manifest.ts';
import * as cinder from '../../layers/openstack/cinder.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { path } from '../../layers/openstack/path.ts';
import { open, type Sealed } from '../../layers/platform/encryption.ts';
import type { Thing } from '../../local/demo/inventory.ts';
import { clusterRequest, create, remove, whenGone, whenStatus } from './clusters.ts';
import { openCluster, type Opened } from './kubernetes.ts';
import { readTables, type Row } from './tables.ts';
import { changesSince, everything, startWorld, until, type World } from './world.ts';

let world: World;
let before: Thing[];
let id: string;
let opened: Opened;
const folder = mkdtempSync(join(tmpdir(), 'moorage-messages-'));
const messagesFile = join(folder, 'messages');

beforeAll(async () => {
  world = await startWorld({
    RECORD_MESSAGES: messagesFile, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'record-messages.ts')} --disable-warning=ExperimentalWarning`,
  });
  before = await everything(world.admin);
  id = await create(world.demo.api, clusterRequest(world));
  await whenStatus(world.demo.api, id, 'RUNNING');
  opened = await openCluster(world.demo.api, id);
}, 240_000);

afterAll(async () => {
  await opened?.close();
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const service: Manifest = {
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' },
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
};
const pod: Manifest = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'writer', namespace: 'default' },
  spec: { containers: [{ name: 'writer', image: 'busybox' }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
};
const claims = '/api/v1/namespaces/default/persistentvolumeclaims';

test('a Service makes a load balancer in the user\'s project, a claim a volume in the service project', { timeout: 120_000 }, async () => {
  const { demo: { user: { session, projectId } }, admin } = world;
  const { kube } = opened;
  const [storageClass] = await kube.list<Manifest>('/apis/storage.k8s.io/v1/storageclasses');
  await kube.apply(service);
  expect(await opened.post(claims, {
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' },
    spec: { storageClassName: storageClass!.metadata.name, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
  })).toBe(201);
  await kube.apply(pod);

  const address = await until(async () => {
    const { status } = (await kube.get<{ status?: { loadBalancer?: { ingress?: { ip: string }[] } } }>('/api/v1/namespaces/default/services/web'))!;
    return status?.loadBalancer?.ingress?.[0]?.ip;
  });
  const [balancer] = (await octavia.listLoadBalancers(session)).filter(({ name }) => name === `kube_service_${id}_default_web`);
  expect(balancer).toMatchObject({ project_id: projectId });
  const [floating] = await neutron.listFloatingIps(session, { port_id: balancer!.vip_port_id });
  expect(floating).toMatchObject({ project_id: projectId, floating_ip_address: address });

  const volumeName = await until(async () => {
    const claim = await kube.get<{ spec: { volumeName?: string }; status?: { phase?: string } }>(`${claims}/data`);
    return claim?.status?.phase === 'Bound' && claim.spec.volumeName;
  });
  const [volume] = (await cinder.listVolumes(admin, { all_tenants: true })).filter(({ name }) => name === volumeName);
  const [project] = (await everything(admin)).filter(({ kind, name }) => kind === 'project' && name === `moorage-${id}`);
  expect(volume!['os-vol-tenant-attr:tenant_id']).toBe(project!.id);
  expect(volume!.metadata).toMatchObject({ 'cinder.csi.openstack.org/cluster': id });
});

test('a volume that nothing is attached to is handed over to its user, and the cluster forgets it', { timeout: 120_000 }, async () => {
  const { demo: { api, user: { session, projectId } } } = world;
  const { kube } = opened;
  const { spec: { volumeName } } = (await kube.get<{ spec: { volumeName: string } }>(`${claims}/data`))!;
  const handOver = (name: string) => api.call<{ volume_id: string; operation_id: string }>('POST', `/v2/clusters/${id}:handOverVolume`, { persistent_volume: name });
  await expect(handOver('pvc-of-nobody')).rejects.toMatchObject({ status: 404, body: expect.stringContaining('persistent_volume_not_found') as string });
  const attachment = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name: 'csi-of-data' } };
  expect(await opened.post('/apis/storage.k8s.io/v1/volumeattachments', {
    ...attachment, spec: { attacher: 'cinder.csi.openstack.org', nodeName: 'a-node', source: { persistentVolumeName: volumeName } },
  })).toBe(201);
  await expect(handOver(volumeName)).rejects.toMatchObject({ status: 409, body: expect.stringContaining('volume_attached') as string });
  await kube.remove('/apis/storage.k8s.io/v1/volumeattachments/csi-of-data');
  await kube.remove('/api/v1/namespaces/default/pods/writer');

  const { volume_id, operation_id } = await handOver(volumeName);
  await until(async () => (await api.call<{ status: string }>('GET', `/v2/clusters/${id}/operations/${operation_id}`)).status === 'succeeded');
  expect(await cinder.getVolume(session, volume_id)).toMatchObject({ status: 'available', 'os-vol-tenant-attr:tenant_id': projectId });
  expect(await kube.get(`${claims}/data`)).toBeUndefined();
  expect(await kube.get(`/api/v1/persistentvolumes/${volumeName}`)).toBeUndefined();
  await whenStatus(api, id, 'RUNNING');
});

test('no secret is in a log, a table or a message', { timeout: 60_000 }, async () => {
  const tables = await readTables(world);
  const secrets = [...await openSealed(tables), ...await userData(), await world.demo.user.token()];
  // What is looked for is what there is: keys, passwords, credentials, tokens, cloud-init data.
  expect(secrets.length).toBeGreaterThan(40);
  const places = { log: readFileSync(world.logFile, 'utf8'), messages: readFileSync(messagesFile, 'utf8'), tables: JSON.stringify(tables) };
  for (const [name, text] of Object.entries(places)) {
    expect(text.length, name).toBeGreaterThan(1_000);
    expect(text, name).not.toMatch(/PRIVATE KEY|LS0tLS1CRUdJTiB[A-Z]*[^"]{0,12}UFJJVkFURSBLRV/);
    expect(secrets.filter((secret) => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64'))), name).toEqual([]);
  }
});

test('what it made goes with it, but not what has become its user\'s', { timeout: 120_000 }, async () => {
  const { demo: { api, user: { session } }, admin } = world;
  await remove(api, id);
  await whenGone(api, id);
  const [own] = await cinder.listVolumes(session);
  expect(own?.metadata).toMatchObject({ 'cinder.csi.openstack.org/cluster': id });
  await cinder.deleteVolume(session, own!.id);
  await until(async () => (await cinder.listVolumes(session)).length === 0);
  expect(await changesSince(before, admin)).toEqual({ added: [], gone: [] });
});

/** Every secret that the tables hold sealed, opened with the key on the disk. */
async function openSealed(tables: Record<string, Row[]>): Promise<string[]> {
  process.env.LOCAL_KEY = readFileSync(join(dirname(world.logFile), 'functions', 'key'), 'utf8');
  const sealed = [
    ...tables.secrets!.map((row) => [row.sealed, { cluster: row.clusterId, secret: row.name }] as const),
    ...tables.tokens!.map((row) => [row.sealed, { token: row.key }] as const),
  ];
  const opened = await Promise.all(sealed.map(([text, binding]) => open(text as Sealed, binding as Record<string, string>)));
  return opened.flatMap((text) => secretsIn(JSON.parse(text)));
}

/** Of what was sealed: the middle of every private key, and every other text that is long enough to mean one thing only. */
function secretsIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') {
    if (value.includes('PRIVATE KEY')) return [value.split('\n')[1]!];
    return /^(secret|password|token|encryptionKey)$/.test(name) ? [value] : [];
  }
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, item]) => secretsIn(item, key)) : [];
}

/** A line out of the middle of every machine's cloud-init data. */
async function userData(): Promise<string[]> {
  const servers = await nova.listServers(world.admin, { all_tenants: true });
  return Promise.all(servers.map(async (server) => {
    const answer = await world.admin.request<{ server: { 'OS-EXT-SRV-ATTR:user_data': string } }>(
      { service: 'compute', method: 'GET', path: path`/servers/${server.id}`, microversion: '2.3' });
    return answer.server['OS-EXT-SRV-ATTR:user_data'].slice(1_000, 1_080);
  }));
}
