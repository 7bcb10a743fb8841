/** A cluster as the steps describe it, with certificates issued once for all tests of a file. */
import type { ControlPlaneInput, WorkerUserDataInput } from '../../../layers/kubernetes/inputs.ts';
import type { KubernetesSpec } from '../../../layers/kubernetes/spec.ts';
import { issueCertificates, type ClusterCertificates } from '../../../layers/pki/certificates.ts';

export const clusterId = '39UdIv4W0EegBs2EYVeGdas38do';
export const now = new Date('2026-11-24T12:00:00Z');

export const specWith = (masters: number, change: Partial<KubernetesSpec> = {}): KubernetesSpec => ({
  clusterId,
  clusterName: 'shop',
  version: 'v1.34.2',
  masters: Array.from({ length: masters }, (_, index) => ({
    name: `shop-master-${index}`,
    address: `100.96.0.${10 + index}`,
  })),
  apiAddress: '100.96.0.5',
  podsCidr: '10.100.0.0/16',
  serviceCidr: '10.254.0.0/16',
  systemPodsCidr: '100.113.0.0/16',
  systemServiceCidr: '100.112.0.0/16',
  networkPlugin: 'calico',
  insecureRegistries: [],
  ...change,
});

export const certificatesFor = (spec: KubernetesSpec): Promise<ClusterCertificates> =>
  issueCertificates({
    clusterId: spec.clusterId,
    masters: spec.masters,
    apiAddresses: ['100.96.0.5', '203.0.113.7'],
    apiNames: ['shop.example.org'],
    serviceCidr: spec.serviceCidr,
    systemServiceCidr: spec.systemServiceCidr,
    now,
  });

export const controlPlaneInput = (spec: KubernetesSpec, certificates: ClusterCertificates): ControlPlaneInput => ({
  spec,
  certificates,
  clouds: {
    service: {
      authUrl: 'https://keystone.example.org/v3',
      region: 'RegionOne',
      applicationCredentialId: 'service-id',
      applicationCredentialSecret: 'service-"secret"\\',
      caPem: 'PEM',
    },
    user: {
      authUrl: 'https://keystone.example.org/v3',
      region: 'RegionOne',
      applicationCredentialId: 'user-id',
      applicationCredentialSecret: 'user-secret',
    },
  },
  loadBalancers: { subnetId: 'subnet-1', floatingNetworkId: 'public-1' },
});

export const workerInput = (spec: KubernetesSpec, caPem: string): WorkerUserDataInput => ({
  spec,
  caPem,
  name: 'shop-blue-4',
  bootstrapToken: 'abcdef.0123456789abcdef',
  nodeGroup: { id: 'group-1', name: 'blue' },
  labels: { tier: 'front', 'node-role.kubernetes.io/worker': '' },
  taints: [
    { key: 'dedicated', value: 'front', effect: 'NoSchedule' },
    { key: 'bare', value: '', effect: 'NoExecute' },
  ],
  network: {
    parent: { macAddress: 'FA:16:3E:00:00:01', address: '100.96.1.4', prefixLength: 20, mtu: 1450 },
    user: {
      macAddress: 'fa:16:3e:00:00:02',
      vlanId: 100,
      address: '10.0.0.44',
      prefixLength: 24,
      gateway: '10.0.0.1',
      dnsServers: ['10.0.0.2', '10.0.0.3'],
      mtu: 1500,
    },
  },
  zone: 'az1',
  region: 'RegionOne',
  instanceType: 'm1.large',
});
