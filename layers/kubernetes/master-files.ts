/** What only a master has on its disk: its certificates, kubeconfigs, and a network for its pods. */
import type { KeyPair } from '../pki/authority.ts';
import type { MasterUserDataInput } from './inputs.ts';
import { kubeconfig } from './kubeconfig.ts';
import { addressIn, ports, type KubernetesSpec } from './spec.ts';
import type { MachineFile } from './user-data.ts';

const kubernetes = '/etc/kubernetes';
const pki = `${kubernetes}/pki`;

const keyPairFiles = (name: string, { certPem, keyPem }: KeyPair): MachineFile[] => [
  { path: `${pki}/${name}.crt`, content: certPem, permissions: '0644' },
  { path: `${pki}/${name}.key`, content: keyPem },
];

/**
 * A network for pods of the system cluster that do not use their master's own: none of ours, but a kubelet without any
 * never calls its node ready.
 */
export const masterPodNetwork = (spec: KubernetesSpec, index: number): string =>
  JSON.stringify({
    cniVersion: '0.4.0',
    name: 'moorage-system',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: `${addressIn(spec.systemPodsCidr, index * 256)}/24` }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });

/** This master's own certificates, and those that all masters share. */
export function masterPkiFiles({ certificates: { system }, name }: MasterUserDataInput): MachineFile[] {
  const own = system.masters[name];
  if (!own) throw new Error(`No certificates for master ${name}`);
  return [
    ...keyPairFiles('ca', system.ca),
    ...keyPairFiles('apiserver', own.apiserver),
    ...keyPairFiles('apiserver-kubelet-client', system.apiserverKubeletClient),
    ...keyPairFiles('apiserver-etcd-client', system.apiserverEtcdClient),
    ...keyPairFiles('kubelet', own.kubeletServing),
    { path: `${pki}/sa.pub`, content: system.serviceAccount.publicPem, permissions: '0644' },
    { path: `${pki}/sa.key`, content: system.serviceAccount.privatePem },
    { path: `${pki}/etcd/ca.crt`, content: system.etcdCa.certPem, permissions: '0644' },
    ...keyPairFiles('etcd/server', own.etcdServer),
    ...keyPairFiles('etcd/peer', own.etcdPeer),
  ];
}

/** Kubeconfigs of what runs on the master: each asks the API server beside it. */
export function masterKubeconfigs({ spec, certificates: { system }, name }: MasterUserDataInput): MachineFile[] {
  const file = (path: string, user: string, client: KeyPair): MachineFile => ({
    path: `${kubernetes}/${path}`,
    content: kubeconfig({
      clusterName: `${spec.clusterName}-system`,
      server: `https://127.0.0.1:${ports.system.api}`,
      caPem: system.ca.certPem,
      ...client,
      user,
    }),
  });
  return [
    file('kubelet.conf', `system:node:${name}`, system.masters[name]!.kubelet),
    file('controller-manager.conf', 'system:kube-controller-manager', system.controllerManager),
    file('scheduler.conf', 'system:kube-scheduler', system.scheduler),
  ];
}
