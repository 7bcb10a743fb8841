/** A cluster as Moorage would make it, on a cloud of the test's own, with the machines running. */
import { randomInt, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { masterUserData, workerUserData } from '../../../layers/kubernetes/cloud-init.ts';
import { openKube, type Kube } from '../../../layers/kubernetes/client.ts';
import { clusterObjects } from '../../../layers/kubernetes/manifests/cluster-objects.ts';
import { controlPlaneManifests } from '../../../layers/kubernetes/manifests/control-plane.ts';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import { isReady, type KubeNode } from '../../../layers/kubernetes/nodes.ts';
import { rolloutComplete } from '../../../layers/kubernetes/rollout.ts';
import type { KubernetesSpec } from '../../../layers/kubernetes/spec.ts';
import { issueCertificates, type ClusterCertificates } from '../../../layers/pki/certificates.ts';
import { startMachines, type Machines, type MachinesOptions } from '../../../local/machines/machines.ts';
import { FakeCloud } from './fake-cloud.ts';

export const serviceNetwork = 'service-network';
export const userNetwork = 'user-network';
export const token = 'abcdef.0123456789abcdef';
const vip = '100.96.0.5';
const credential = { authUrl: 'http://127.0.0.1:1/v3', region: 'RegionOne', applicationCredentialId: 'none',
  applicationCredentialSecret: 'none' };

export interface WorkerChange { token?: string; caPem?: string; vlanId?: number; labels?: Record<string, string> }

export class World {
  readonly cloud = new FakeCloud();
  readonly floating = `127.64.${randomInt(1, 255)}.${randomInt(1, 255)}`;
  readonly dataDir = mkdtempSync(join(tmpdir(), 'machines-'));
  readonly lines: string[] = [];
  readonly spec: KubernetesSpec;
  certificates!: ClusterCertificates;
  machines!: Machines;
  readonly #kubes: Kube[] = [];

  constructor(masters: number) {
    this.spec = {
      clusterId: 'k1', clusterName: 'one', version: 'v1.34.2', apiAddress: vip, networkPlugin: 'calico',
        insecureRegistries: [],
      masters: Array.from({ length: masters }, (_, index) =>
        ({ name: `one-master-${index}`, address: `100.96.0.${10 + index}` })),
      podsCidr: '10.100.0.0/16', serviceCidr: '10.254.0.0/16', systemPodsCidr: '100.113.0.0/16',
        systemServiceCidr: '100.112.0.0/16',
    };
  }

  async start(options: Partial<MachinesOptions> = {}): Promise<void> {
    const scope = { projectName: 'admin', projectDomainName: 'Default' };
    this.machines = await startMachines({
      authUrl: '', credential: { userId: '', password: '' }, scope, cloud: this.cloud, scale: 500, lookEveryMs: 20,
      dataDir: this.dataDir, log: (line) => this.lines.push(line), ...options,
    });
  }

  async issue(apiAddresses = [this.floating, vip]): Promise<void> {
    const { spec } = this;
    this.certificates = await issueCertificates({
      clusterId: spec.clusterId, masters: spec.masters, apiAddresses, apiNames: [],
      serviceCidr: spec.serviceCidr, systemServiceCidr: spec.systemServiceCidr, now: new Date(),
    });
  }

  addLoadBalancer(allowedCidrs: string[] | null = null): void {
    const { masters } = this.spec;
    this.cloud.addLoadBalancer('api', { address: vip, networkId: serviceNetwork, floating: this.floating },
      [6443, 8132, 16443].map((port) =>
      ({ port, allowedCidrs: port === 6443 ? allowedCidrs : null,
        members: masters.map(({ address }) => ({ address, port, subnetId: null })) })));
  }

  addMasters(): void {
    const { spec, certificates } = this;
    for (const { name, address } of spec.masters) {
      const etcdVolumeId = randomUUID();
      this.cloud.addServer({ id: name, name, volumeIds: [etcdVolumeId] },
        masterUserData({ spec, certificates, name, etcdVolumeId }), [
        { id: `port-${name}`, networkId: serviceNetwork, macAddress: 'fa:16:3e:00:00:01', addresses: [address],
          subPorts: [] },
      ]);
    }
  }

  addWorker(index: number, change: WorkerChange = {}): string {
    const { spec, certificates: { user } } = this;
    const id = `worker-${index}`;
    const mac = (kind: number): string => `fa:16:3e:0${kind}:00:${String(index).padStart(2, '0')}`;
    const data = workerUserData({
      spec, caPem: change.caPem ?? user.ca.certPem, name: id, bootstrapToken: change.token
        ?? token, nodeGroup: { id: 'g1', name: 'pool' },
      labels: { tier: 'web', ...change.labels }, taints: [{ key: 'only', value: 'web', effect: 'NoSchedule' }],
      network: {
        parent: { macAddress: mac(1), address: `100.96.1.${index}`, prefixLength: 20, mtu: 1450 },
        user: { macAddress: mac(2), vlanId: 101, address: `10.0.0.${10 + index}`, prefixLength: 24,
          gateway: '10.0.0.1', dnsServers: [], mtu: 1450 },
      },
    });
    this.cloud.addServer({ id, name: id }, data, [
      { id: `port-${id}`, networkId: serviceNetwork, macAddress: mac(1), addresses: [`100.96.1.${index}`],
        subPorts: [{ portId: `sub-${id}`, vlanId: change.vlanId ?? 101 }] },
      { id: `sub-${id}`, networkId: userNetwork, macAddress: mac(2), addresses: [`10.0.0.${10 + index}`],
        subPorts: [] },
    ]);
    return id;
  }

  kube(which: 'system' | 'user', floating = this.floating): Kube {
    const { ca, admin } = this.certificates[which];
    const kube = openKube({ server: `https://${floating}:${which === 'system' ? 16443 : 6443}`, caPem: ca.certPem,
      ...admin, timeoutMs: 10_000 });
    this.#kubes.push(kube);
    return kube;
  }

  async applyControlPlane(): Promise<Manifest[]> {
    const { spec, certificates } = this;
    const manifests = controlPlaneManifests({
      spec, certificates, clouds: { service: credential, user: credential },
        loadBalancers: { subnetId: 'user-subnet', floatingNetworkId: 'public' },
    });
    const kube = this.kube('system');
    for (const manifest of manifests) await kube.apply(manifest);
    return manifests;
  }

  async applyClusterObjects(expiresAt = new Date(Date.now() + 3_600_000)): Promise<void> {
    const { spec, certificates } = this;
    const kube = this.kube('user');
    const objects = clusterObjects({ spec, certificates, bootstrapTokens: [{ token, expiresAt }],
      storageClasses: [{ name: 'fast', volumeType: 'fast' }] });
    for (const object of objects) await kube.apply(object);
  }

  async close(): Promise<void> {
    for (const kube of this.#kubes) kube.close();
    await this.machines.close();
  }
}

/** Everything up to a user's API that answers. */
export async function runningCluster(masters = 1): Promise<World> {
  const world = await newWorld(masters);
  world.addLoadBalancer();
  world.addMasters();
  await world.start();
  await until(() => world.kube('system').ready());
  await world.applyControlPlane();
  await until(() => world.kube('user').ready());
  return world;
}

export async function newWorld(masters: number): Promise<World> {
  const world = new World(masters);
  await world.issue();
  onTestFinished(async () => {
    await world.close();
    rmSync(world.dataDir, { recursive: true });
  });
  return world;
}

export const until = (test: () => Promise<boolean> | boolean): Promise<void> =>
  vi.waitFor(async () => { if (!await test()) throw new Error(`still not: ${test.toString()}`); },
    { timeout: 20_000, interval: 20 });

export const workloadsOf = (manifests: Manifest[]): Manifest[] =>
  manifests.filter(({ kind }) => ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind));

export async function allRolledOut(kube: Kube, manifests: Manifest[]): Promise<boolean> {
  const plural: Record<string,
    string> = { Deployment: 'deployments', DaemonSet: 'daemonsets', StatefulSet: 'statefulsets' };
  const found = await Promise.all(workloadsOf(manifests).map(({ kind, metadata }) =>
    kube.get<Manifest>(`/apis/apps/v1/namespaces/${metadata.namespace}/${plural[kind]}/${metadata.name}`)));
  return found.every(rolloutComplete);
}

export const nodeOf = (kube: Kube, name: string): Promise<KubeNode | undefined> =>
  kube.get<KubeNode>(`/api/v1/nodes/${name}`);
/** Ready, and pods may come: the taints of a node that is not ready go a moment after it is, by another's hand. */
export const nodeReady = async (kube: Kube, name: string): Promise<boolean> => {
  const node = await nodeOf(kube, name);
  return node !== undefined && isReady(node) && !node.spec.taints?.some(({ key }) => key.startsWith('node.kubernetes.io/'));
};
