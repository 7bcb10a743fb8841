/** What a machine of a cluster is told at its first boot. It comes up by this alone: no agent, nobody logs in. */
import { masterLabel } from './control-plane-layout.ts';
import { etcdVolumeScript, foldersFile, masterDiskFiles } from './etcd-volume.ts';
import type { MasterUserDataInput, WorkerUserDataInput } from './inputs.ts';
import { tokenKubeconfig } from './kubeconfig.ts';
import { awaitApi, kubeletConfiguration, kubeletDropIn, splitNodeLabels } from './kubelet.ts';
import { authenticationConfiguration, encryptionConfiguration } from './manifests/api-configuration.ts';
import { addressIn, ports } from './spec.ts';
import { masterKubeconfigs, masterPkiFiles, masterPodNetwork } from './master-files.ts';
import { registryFiles } from './registries.ts';
import { staticPods } from './static-pods.ts';
import { userData, type MachineFile } from './user-data.ts';
import { applyNetwork, networkFiles } from './worker-network.ts';

const kubernetes = '/etc/kubernetes';
const pki = `${kubernetes}/pki`;
const kubeletConfig = `${kubernetes}/kubelet.yaml`;
const dropIn = '/etc/systemd/system/kubelet.service.d/20-moorage.conf';
const nodeScript = '/usr/local/sbin/moorage-node';
const awaitApiScript = '/usr/local/sbin/moorage-await-api';
const bootstrapKubeconfig = `${kubernetes}/bootstrap-kubelet.conf`;
const nodeEnvironment = `${kubernetes}/node.env`;

const startKubelet = [
  ['systemctl', 'daemon-reload'],
  ['systemctl', 'enable', 'kubelet'],
  ['systemctl', 'restart', '--no-block', 'kubelet'],
];

/** What pods that use the machine's names are given: systemd-resolved's own file would have them ask 127.0.0.53. */
function resolvFiles(dnsServers: readonly string[]): { path: string; files: MachineFile[] } {
  if (dnsServers.length === 0) return { path: '/run/systemd/resolve/resolv.conf', files: [] };
  const path = `${kubernetes}/resolv.conf`;
  return {
    path,
    files: [{ path, permissions: '0644', content: dnsServers.map((server) => `nameserver ${server}\n`).join('') }],
  };
}

const labelFlag = (labels: Record<string, string>): string =>
  `--node-labels=${Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')}`;

/**
 * user_data of a master: it holds this master's certificates and no other's. Throws when `name` is not one of the
 * masters.
 */
export function masterUserData(input: MasterUserDataInput): string {
  const { spec, name } = input;
  const index = spec.masters.findIndex((master) => master.name === name);
  const master = spec.masters[index];
  if (!master) throw new Error(`${name} is not a master of ${spec.clusterName}`);
  const registries = registryFiles(spec.insecureRegistries);
  const resolv = resolvFiles(input.dnsServers ?? []);
  return userData({
    name,
    files: [
      ...masterPkiFiles(input),
      ...masterKubeconfigs(input),
      { path: `${kubernetes}/authentication.yaml`, content: authenticationConfiguration(spec.version) },
      {
        path: `${kubernetes}/encryption.yaml`,
        content: encryptionConfiguration(input.certificates.system.encryptionKey),
      },
      ...Object.entries(staticPods(spec, master)).map(([file, content]): MachineFile => ({
        path: `${kubernetes}/manifests/${file}`,
        content,
      })),
      {
        path: kubeletConfig,
        content: kubeletConfiguration({
          clientCaFile: `${pki}/ca.crt`,
          staticPodPath: `${kubernetes}/manifests`,
          serving: { certFile: `${pki}/kubelet.crt`, keyFile: `${pki}/kubelet.key` },
          resolvConf: resolv.path,
          systemReserved: { cpu: '100m', memory: '384Mi', 'ephemeral-storage': '2Gi' },
        }),
      },
      {
        path: dropIn,
        permissions: '0644',
        content: kubeletDropIn(
          [
            `--config=${kubeletConfig}`,
            `--kubeconfig=${kubernetes}/kubelet.conf`,
            `--hostname-override=${name}`,
            `--node-ip=${master.address}`,
            labelFlag(masterLabel),
          ],
          ['RequiresMountsFor=/var/lib/etcd'],
        ),
      },
      { path: '/etc/cni/net.d/10-moorage.conflist', content: masterPodNetwork(spec, index), permissions: '0644' },
      ...masterDiskFiles(input.etcdVolumeId),
      ...resolv.files,
      ...registries.files,
    ],
    commands: [
      ['systemd-tmpfiles', '--create', foldersFile],
      [etcdVolumeScript],
      ...registries.commands,
      ...startKubelet,
    ],
  });
}

/** The node's own id, which nobody knows before it boots, in a form that systemd reads. */
const nodeSetup = ({ network }: WorkerUserDataInput): string => `#!/bin/sh
set -eu
instance=$(cloud-init query instance_id)
printf 'INSTANCE_ID=%s\\n' "$instance" >${nodeEnvironment}
${applyNetwork(network.parent)}`;

function workerLabels(input: WorkerUserDataInput): Record<string, string> {
  const wellKnown = {
    ...(input.zone && { 'topology.kubernetes.io/zone': input.zone }),
    ...(input.region && { 'topology.kubernetes.io/region': input.region }),
    ...(input.instanceType && { 'node.kubernetes.io/instance-type': input.instanceType }),
  };
  return {
    ...splitNodeLabels(input.labels).kubelet,
    ...wellKnown,
    'moorage.io/node-group': input.nodeGroup.name,
    'moorage.io/node-group-id': input.nodeGroup.id,
  };
}

/** user_data of a worker: its network, and how its kubelet joins by the bootstrap token over the service network. */
export function workerUserData(input: WorkerUserDataInput): string {
  const {
    spec,
    name,
    network: { user },
    reserved,
  } = input;
  const registries = registryFiles(spec.insecureRegistries);
  // CoreDNS does not start without any: where the subnet names none, the network's router is asked for names outside.
  const resolv = resolvFiles(user.dnsServers.length > 0 || !user.gateway ? user.dnsServers : [user.gateway]);
  return userData({
    name,
    files: [
      { path: `${pki}/ca.crt`, content: input.caPem, permissions: '0644' },
      {
        path: bootstrapKubeconfig,
        content: tokenKubeconfig({
          clusterName: spec.clusterName,
          server: `https://${spec.apiAddress}:${ports.user.api}`,
          caPem: input.caPem,
          token: input.bootstrapToken,
          user: 'kubelet-bootstrap',
        }),
      },
      ...resolv.files,
      {
        path: kubeletConfig,
        content: kubeletConfiguration({
          clientCaFile: `${pki}/ca.crt`,
          clusterDns: addressIn(spec.serviceCidr, 10),
          taints: input.taints,
          resolvConf: resolv.path,
          systemReserved: {
            cpu: reserved?.cpu ?? '100m',
            memory: reserved?.memory ?? '400Mi',
            'ephemeral-storage': reserved?.ephemeralStorage ?? '2Gi',
          },
        }),
      },
      {
        path: dropIn,
        permissions: '0644',
        content: kubeletDropIn(
          [
            `--config=${kubeletConfig}`,
            `--bootstrap-kubeconfig=${bootstrapKubeconfig}`,
            '--kubeconfig=/var/lib/kubelet/kubeconfig',
            `--hostname-override=${name}`,
            `--node-ip=${user.address}`,
            labelFlag(workerLabels(input)),
            '--provider-id=openstack:///${INSTANCE_ID}',
          ],
          [],
          { environmentFile: nodeEnvironment, before: awaitApiScript },
        ),
      },
      ...networkFiles(input.network),
      { path: nodeScript, content: nodeSetup(input), permissions: '0755' },
      {
        path: awaitApiScript,
        content: awaitApi(`https://${spec.apiAddress}:${ports.user.api}`, `${pki}/ca.crt`, bootstrapKubeconfig),
        permissions: '0755',
      },
      ...registries.files,
    ],
    commands: [[nodeScript], ...registries.commands, ...startKubelet],
  });
}
