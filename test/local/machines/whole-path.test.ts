import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import { allRolledOut, newWorld, nodeOf, nodeReady, runningCluster, token, until } from './world.ts';

describe('machines', () => {
  test('masters come up, the control plane rolls out, a worker joins', async () => {
    const world = await newWorld(3);
    world.addLoadBalancer();
    await world.start();
    const system = world.kube('system');
    expect(await system.ready()).toBe(false);
    world.addMasters();
    await until(() => system.ready());
    await until(async () => (await Promise.all(world.spec.masters.map(({ name }) => nodeReady(system, name))))
      .every(Boolean));
    const worker = world.addWorker(0);
    const manifests = await world.applyControlPlane();
    await until(() => allRolledOut(system, manifests));
    const user = world.kube('user');
    expect(await user.ready()).toBe(true);
    expect(await nodeOf(user, worker)).toBeUndefined();
    await world.applyClusterObjects();
    await until(() => nodeReady(user, worker));
    const node = await nodeOf(user, worker);
    expect(node).toMatchObject({
      metadata: { labels: { 'tier': 'web', 'moorage.io/node-group': 'pool', 'kubernetes.io/hostname': worker } },
      spec: { providerID: `openstack:///${worker}`, taints: [{ key: 'only', value: 'web', effect: 'NoSchedule' }] },
      status: { addresses: [{ type: 'InternalIP', address: '10.0.0.10' }, { type: 'Hostname', address: worker }] },
    });
    const names = world.machines.waits().map(({ name, endedAt }) => `${name} ${endedAt !== null}`).toSorted();
    expect(names).toEqual(['control plane true', 'node ready true', 'system cluster true', 'system cluster true',
      'system cluster true']);
  });

  test('a worker with a wrong token or a foreign authority never appears, and its console says why', async () => {
    const world = await runningCluster();
    await world.applyClusterObjects();
    const wrongToken = world.addWorker(1, { token: 'abcdef.ffffffffffffffff' });
    const wrongCa = world.addWorker(2, { caPem: world.certificates.system.ca.certPem });
    const right = world.addWorker(3);
    const user = world.kube('user');
    await until(() => nodeReady(user, right));
    await until(() => world.machines.console(wrongCa).includes('certificate'));
    expect((await user.list('/api/v1/nodes')).map(({ metadata }) => metadata.name)).toEqual([right]);
    expect(world.machines.console(wrongToken)).toContain('cannot create certificate signing request: 401 Unauthorized');
    expect(world.machines.console(right)).toContain(`node ${right} is ready`);
  });

  test('an expired token lets nobody in', async () => {
    const world = await runningCluster();
    await world.applyClusterObjects(new Date(Date.now() - 1000));
    const worker = world.addWorker(0, { token });
    await until(() => world.machines.console(worker).includes('401 Unauthorized'));
    expect(await world.kube('user').list('/api/v1/nodes')).toEqual([]);
  });

  test('a worker whose VLAN is not the trunk\'s registers and is never ready', async () => {
    const world = await runningCluster();
    await world.applyClusterObjects();
    const worker = world.addWorker(0, { vlanId: 7 });
    await until(() => world.machines.console(worker).includes('no port of the trunk has VLAN 101'));
    expect(await nodeReady(world.kube('user'), worker)).toBe(false);
  });

  test('a stopped machine\'s node is not ready, and ready again when it is back', async () => {
    const world = await runningCluster();
    await world.applyClusterObjects();
    const worker = world.addWorker(0);
    const user = world.kube('user');
    await until(() => nodeReady(user, worker));
    world.cloud.setStatus(worker, 'SHUTOFF');
    await until(async () => !await nodeReady(user, worker));
    expect(await nodeOf(user, worker))
      .toMatchObject({ status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready',
        status: 'Unknown' })]) } });
    world.cloud.setStatus(worker, 'ACTIVE');
    await until(() => nodeReady(user, worker));
  });

  test('the API answers while a majority of the masters runs', async () => {
    const world = await runningCluster(3);
    const [first, second] = world.spec.masters as unknown as [{ name: string }, { name: string }];
    const user = world.kube('user');
    const system = world.kube('system');
    await until(async () => (await system.list('/api/v1/nodes')).length === 3);
    world.cloud.setStatus(first.name, 'SHUTOFF');
    await until(async () => !await nodeReady(system, first.name));
    await until(() => user.ready());
    world.cloud.setStatus(second.name, 'SHUTOFF');
    await until(async () => !await system.ready());
    await until(async () => !await user.ready());
    world.cloud.setStatus(second.name, 'ACTIVE');
    await until(() => user.ready());
  });

  test('started again, everything goes on: the same objects, the same nodes', async () => {
    const world = await runningCluster();
    await world.applyClusterObjects();
    const worker = world.addWorker(0);
    await until(() => nodeReady(world.kube('user'), worker));
    const before = await world.kube('user').get<Manifest>('/api/v1/namespaces/kube-system');
    const waits = world.machines.waits();
    await world.close();
    await world.start();
    const user = world.kube('user');
    await until(() => user.ready());
    expect(await user.get('/api/v1/namespaces/kube-system')).toEqual(before);
    await until(() => nodeReady(user, worker));
    expect(world.machines.waits()).toEqual(waits);
  });

  test('a control plane without its certificates does not come up, and says so', async () => {
    const world = await newWorld(1);
    world.addLoadBalancer();
    world.addMasters();
    await world.start();
    const system = world.kube('system');
    await until(() => system.ready());
    await world.applyControlPlane();
    await system.remove({ apiVersion: 'v1', kind: 'Secret',
      metadata: { name: 'kube-apiserver', namespace: 'user-cluster' } });
    const path = '/apis/apps/v1/namespaces/user-cluster/deployments/kube-apiserver';
    await until(async () => JSON.stringify((await system.get<Manifest>(path))?.status)
      .includes('secret \\"kube-apiserver\\" not found'));
    expect(await world.kube('user').ready()).toBe(false);
  });

  test('etcd\'s data goes with its volumes', async () => {
    const world = await runningCluster();
    const [{ name }] = world.spec.masters as unknown as [{ name: string }];
    await world.kube('system')
      .apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept', namespace: 'default' } });
    const server = world.cloud.view.servers[0]!;
    world.cloud.removeServer(name);
    await until(async () => !await world.kube('system').ready());
    world.cloud.view.servers.push(server);
    await until(() => world.kube('system').ready());
    expect(await world.kube('system').get('/api/v1/namespaces/default/configmaps/kept')).toBeDefined();
    world.cloud.removeServer(name);
    world.cloud.volumes.clear();
    await until(async () => !await world.kube('system').ready());
    world.cloud.view.servers.push(server);
    await until(() => world.kube('system').ready());
    expect(await world.kube('system').get('/api/v1/namespaces/default/configmaps/kept')).toBeUndefined();
  });
});
