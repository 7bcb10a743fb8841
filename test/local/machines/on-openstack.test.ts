import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { masterUserData } from '../../../layers/kubernetes/cloud-init.ts';
import { controlPlaneManifests } from '../../../layers/kubernetes/manifests/control-plane.ts';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import * as cinder from '../../../layers/openstack/cinder.ts';
import * as glance from '../../../layers/openstack/glance.ts';
import * as keystone from '../../../layers/openstack/keystone.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import * as nova from '../../../layers/openstack/nova.ts';
import * as octavia from '../../../layers/openstack/octavia.ts';
import { openSession, type Session } from '../../../layers/openstack/session.ts';
import { callApi } from '../../../local/machines/kubelet-client.ts';
import { openStackCloud } from '../../../local/machines/openstack-cloud.ts';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import { allRolledOut, newWorld, until, type World } from './world.ts';

const vip = '100.96.0.5';

interface Person { session: Session; userId: string; projectId: string; projectName: string; username: string }

async function logIn(cloud: Cloud, who: 'admin' | 'demo'): Promise<Person> {
  const { username, password, userDomainName, projectName = '', projectDomainName = '' } = cloud.credentials[who];
  const session = openSession({ authUrl: cloud.authUrl, credential: { username, password, userDomainName },
    scope: { projectName, projectDomainName } });
  const admin = cloud.credentials.admin;
  const all = openSession({ authUrl: cloud.authUrl, credential: { ...admin, userDomainName: admin.userDomainName },
    scope: { projectName: 'admin', projectDomainName: 'Default' } });
  const [user] = await keystone.listUsers(all, { name: username });
  const [project] = await keystone.listProjects(all, { name: projectName });
  return { session, userId: user!.id, projectId: project!.id, projectName, username };
}

async function credentialOf(cloud: Cloud, { session, userId }: Person) {
  const made = await keystone.createApplicationCredential(session, userId,
    { name: `cloud-${randomBytes(4).toString('hex')}`, unrestricted: false });
  return { authUrl: cloud.authUrl, region: 'RegionOne', applicationCredentialId: made.id,
    applicationCredentialSecret: made.secret };
}

/** Service network, load balancer with its address, one master: as the platform makes them. */
async function buildMaster(world: World, session: Session): Promise<{ floating: string; server: string }> {
  const network = await neutron.createNetwork(session, { name: 'service' });
  const subnet = await neutron.createSubnet(session,
    { name: 'service', network_id: network.id, ip_version: 4, cidr: '100.96.0.0/20' });
  const [external] = await neutron.listNetworks(session, { 'router:external': true });
  const router = await neutron.createRouter(session,
    { name: 'service', external_gateway_info: { network_id: external!.id } });
  await neutron.addRouterInterface(session, router.id, { subnet_id: subnet.id });
  const balancer = await octavia.createLoadBalancer(session,
    { name: 'api', vip_subnet_id: subnet.id, vip_address: vip });
  const active = () => until(async () =>
    (await octavia.getLoadBalancer(session, balancer.id))?.provisioning_status === 'ACTIVE');
  await active();
  for (const port of [16443, 6443]) {
    const listener = await octavia.createListener(session,
      { name: `api-${port}`, loadbalancer_id: balancer.id, protocol: 'TCP', protocol_port: port,
        allowed_cidrs: ['127.0.0.1/32'] });
    await active();
    const pool = await octavia.createPool(session,
      { protocol: 'TCP', lb_algorithm: 'ROUND_ROBIN', listener_id: listener.id });
    await active();
    await octavia.replaceMembers(session, pool.id, [{ address: '100.96.0.10', protocol_port: port }]);
    await active();
  }
  const floating = await neutron.createFloatingIp(session,
    { floating_network_id: external!.id, port_id: balancer.vip_port_id });
  const { spec } = world;
  await world.issue([floating.floating_ip_address, vip]);
  const volume = await cinder.createVolume(session, { name: 'etcd', size: 1 });
  await until(async () => (await cinder.getVolume(session, volume.id))?.status === 'available');
  const port = await neutron.createPort(session,
    { name: 'master', network_id: network.id, fixed_ips: [{ subnet_id: subnet.id, ip_address: '100.96.0.10' }] });
  const [flavor] = await nova.listFlavors(session);
  const [image] = await glance.listImages(session);
  const { id } = await nova.createServer(session, {
    name: spec.masters[0]!.name, flavorRef: flavor!.id, imageRef: image!.id, networks: [{ port: port.id }],
    user_data: masterUserData({ spec, certificates: world.certificates, name: spec.masters[0]!.name,
      etcdVolumeId: volume.id }),
  });
  await until(async () => (await nova.getServer(session, id))?.status === 'ACTIVE');
  await nova.attachVolume(session, id, { volumeId: volume.id });
  return { floating: floating.floating_ip_address, server: id };
}

describe('machines of an OpenStack', () => {
  test('a master comes up, and its cloud controllers work in the projects of their credentials', { timeout: 60_000 },
    async () => {
    const cloud = await startCloud({ scale: 500 });
    const admin = await logIn(cloud, 'admin');
    const demo = await logIn(cloud, 'demo');
    const world = await newWorld(1);
    onTestFinished(() => cloud.close());
    await world.start({ cloud: openStackCloud(admin.session) });
    const { floating, server } = await buildMaster(world, admin.session);
    const system = world.kube('system', floating);
    await until(() => system.ready());

    const [userSubnet] = await neutron.listSubnets(demo.session, { name: 'demo-subnet' });
    const [external] = await neutron.listNetworks(demo.session, { 'router:external': true });
    const manifests = controlPlaneManifests({
      spec: world.spec, certificates: world.certificates,
        loadBalancers: { subnetId: userSubnet!.id, floatingNetworkId: external!.id },
      clouds: { service: await credentialOf(cloud, admin), user: await credentialOf(cloud, demo) },
    });
    for (const manifest of manifests) await system.apply(manifest);
    await until(() => allRolledOut(system, manifests));
    const user = world.kube('user', floating);

    const service: Manifest = {
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' },
      spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
    };
    await user.apply(service);
    const path = '/api/v1/namespaces/default/services/web';
    await until(async () => JSON.stringify((await user.get<Manifest>(path))?.status).includes('127.64.'));
    const [balancer] = await octavia.listLoadBalancers(demo.session, { name: 'kube_service_k1_default_web' });
    const [address] = await neutron.listFloatingIps(demo.session, { port_id: balancer!.vip_port_id });
    expect(address).toMatchObject({ project_id: demo.projectId,
      description: 'Floating IP for Kubernetes external service default/web from cluster k1' });
    expect((await user.get<Manifest>(path))?.status)
      .toEqual({ loadBalancer: { ingress: [{ ip: address!.floating_ip_address }] } });
    await user.remove(service);
    await until(async () => await user.get(path) === undefined);
    expect(await octavia.listLoadBalancers(demo.session)).toEqual([]);
    expect(await neutron.listFloatingIps(demo.session)).toEqual([]);

    await user.apply({
      apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' },
      provisioner: 'cinder.csi.openstack.org', parameters: { type: 'fast' }, volumeBindingMode: 'Immediate',
    });
    const claim: Manifest = {
      apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' },
      spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '3Gi' } } },
    };
    const claims = '/api/v1/namespaces/default/persistentvolumeclaims';
    const { ca, admin: client } = world.certificates.user;
    const asAdmin = { server: `https://${floating}:6443`, caPem: ca.certPem, ...client,
      connect: async (host: string, port: number) => connect(port, host) };
    expect((await callApi(asAdmin, 'POST', claims, claim)).status).toBe(201);
    const claimPath = `${claims}/data`;
    await until(async () => (await user.get<Manifest & { status?: { phase: string } }>(claimPath))?.status?.phase === 'Bound');
    const volumes = await cinder.listVolumes(admin.session, { metadata: { 'cinder.csi.openstack.org/cluster': 'k1' } });
    const bound = await user.get<Manifest & { metadata: { uid: string } }>(claimPath);
    expect(volumes).toMatchObject([{ name: `pvc-${bound!.metadata.uid}`, size: 3, volume_type: 'fast' }]);
    await user.remove(claimPath);
    await until(async () => (await cinder.listVolumes(admin.session, { name: volumes[0]!.name! })).length === 0);

    await nova.stopServer(admin.session, server);
    await until(async () => !await system.ready());
    await nova.startServer(admin.session, server);
    await until(() => system.ready());
  });
});
