/** What a machine's cloud-init data says, as far as it decides how the machine comes up. */
import { parse } from 'yaml';
import { parseUserData, type ParsedUserData } from '../../layers/kubernetes/user-data.ts';

/** A program's command line: `--name=value` by name. */
export interface Command { program: string; flags: Record<string, string> }

export function commandOf(words: readonly string[]): Command {
  const flags = words.slice(1).map((word) => /^--([^=]+)(?:=([\s\S]*))?$/.exec(word)).filter((match) => match !== null);
  return { program: words[0]
    ?? '', flags: Object.fromEntries(flags.map(([, name, value]) => [name!, value ?? 'true'])) };
}

export interface Kubeconfig { server: string; caPem: string; certPem?: string; keyPem?: string; token?: string }

export interface KubeletData {
  name: string;
  address: string;
  providerId: string | undefined;
  labels: Record<string, string>;
  taints: { key: string; value?: string; effect: string }[];
  /** With a client certificate, or with a bootstrap token. */
  kubeconfig: Kubeconfig;
}

export interface MasterData {
  role: 'master';
  kubelet: KubeletData;
  apiServer: { port: number; certPem: string; keyPem: string; clientCaPem: string; serviceCidr: string };
  etcd: { name: string; members: Record<string, string>; volumeId: string };
  version: string;
  caPem: string;
  /** For signing, where the controller manager has it. */
  ca: { certPem: string; keyPem: string } | undefined;
  hasPodNetwork: boolean;
}

export interface WorkerData {
  role: 'worker';
  kubelet: KubeletData;
  parent: { macAddress: string; address: string };
  user: { macAddress: string; vlanId: number; address: string };
}

/** Something in the data that a machine would stumble over; the message is what its console would show. */
export class BadData extends Error {
  override name = 'BadData';
}

const kubernetes = '/etc/kubernetes';
const fail = (message: string): never => { throw new BadData(message); };

function fileOf({ files }: ParsedUserData, path: string): string {
  return files[path]?.content ?? fail(`${path}: no such file`);
}

/** What a program reads of its kubeconfig. */
export function kubeconfigOf(text: string, path: string): Kubeconfig {
  const { clusters, users } = parse(text) as {
    clusters?: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users?: { user: { token?: string; 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
  };
  const cluster = clusters?.[0]?.cluster ?? fail(`${path}: no cluster`);
  const user = users?.[0]?.user ?? {};
  const decoded = (value: string): string => Buffer.from(value, 'base64').toString();
  return {
    server: cluster.server,
    caPem: decoded(cluster['certificate-authority-data']),
    ...(user['client-certificate-data'] && { certPem: decoded(user['client-certificate-data']) }),
    ...(user['client-key-data'] && { keyPem: decoded(user['client-key-data']) }),
    ...(user.token && { token: user.token }),
  };
}

/** The ExecStart that counts of kubelet's drop-ins: the last one that is not empty. */
function kubeletCommand(data: ParsedUserData): Command {
  const dropIns = Object.keys(data.files).filter((path) => path.startsWith('/etc/systemd/system/kubelet.service.d/'))
    .toSorted();
  const starts = dropIns.flatMap((path) =>
    [...fileOf(data, path).replaceAll(/\\\n\s*/g, ' ').matchAll(/^ExecStart=(.+)$/gm)].map(([, line]) => line!));
  const last = starts.at(-1) ?? fail('kubelet.service has no ExecStart');
  return commandOf(last.trim().split(/\s+/));
}

function kubeletOf(data: ParsedUserData, serverId: string): KubeletData {
  const { flags } = kubeletCommand(data);
  const configPath = flags.config ?? fail('kubelet: no --config');
  const config = parse(fileOf(data, configPath)) as { registerWithTaints?: KubeletData['taints'] };
  const kubeconfigPath = flags['bootstrap-kubeconfig'] ?? flags.kubeconfig ?? fail('kubelet: no --kubeconfig');
  const labels = (flags['node-labels'] ?? '').split(',').filter(Boolean)
    .map((label) => label.split('=') as [string, string?]);
  return {
    name: flags['hostname-override'] ?? data.hostname,
    address: flags['node-ip'] ?? fail('kubelet: no --node-ip'),
    providerId: flags['provider-id']?.replace('${INSTANCE_ID}', serverId),
    labels: Object.fromEntries(labels.map(([key, value = '']) => [key, value])),
    taints: config.registerWithTaints ?? [],
    kubeconfig: kubeconfigOf(fileOf(data, kubeconfigPath), kubeconfigPath),
  };
}

interface StaticPod { spec: { containers: { command: string[]; image: string }[] } }

function staticPod(data: ParsedUserData, name: string): { command: Command; image: string } {
  const path = `${kubernetes}/manifests/${name}.yaml`;
  const [container] = (parse(fileOf(data, path)) as StaticPod).spec.containers;
  if (!container) return fail(`${path}: no container`);
  return { command: commandOf(container.command), image: container.image };
}

function masterOf(data: ParsedUserData, serverId: string): MasterData {
  const apiServer = staticPod(data, 'kube-apiserver');
  const etcd = staticPod(data, 'etcd').command;
  const { flags: signing } = staticPod(data, 'kube-controller-manager').command;
  staticPod(data, 'kube-scheduler');
  const flag = (name: string): string => apiServer.command.flags[name] ?? fail(`kube-apiserver: no --${name}`);
  const certPath = signing['cluster-signing-cert-file'];
  const keyPath = signing['cluster-signing-key-file'];
  const members = (etcd.flags['initial-cluster'] ?? '').split(',')
    .map((member) => member.split('=') as [string, string]);
  const volumeScript = Object.entries(data.files).find(([path]) => path.endsWith('-etcd-volume'))?.[1].content ?? '';
  return {
    role: 'master',
    kubelet: kubeletOf(data, serverId),
    apiServer: {
      port: Number(flag('secure-port')), serviceCidr: flag('service-cluster-ip-range'),
      certPem: fileOf(data, flag('tls-cert-file')), keyPem: fileOf(data, flag('tls-private-key-file')),
        clientCaPem: fileOf(data, flag('client-ca-file')),
    },
    etcd: {
      name: etcd.flags.name ?? fail('etcd: no --name'),
      members: Object.fromEntries(members.map(([name, url]) => [name, new URL(url).hostname])),
      volumeId: /^volume=(\S+)$/m.exec(volumeScript)?.[1] ?? fail('nothing mounts a volume for etcd'),
    },
    version: apiServer.image.slice(apiServer.image.lastIndexOf(':') + 1),
    caPem: fileOf(data, flag('client-ca-file')),
    ca: certPath && keyPath && data.files[keyPath] ? { certPem: fileOf(data, certPath), keyPem: fileOf(data, keyPath) }
      : undefined,
    hasPodNetwork: Object.keys(data.files).some((path) => path.startsWith('/etc/cni/net.d/')),
  };
}

/** `Key=value` of one section of a systemd file. */
function setting(text: string, key: string): string {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? fail(`a network file has no ${key}=`);
}

function workerOf(data: ParsedUserData, serverId: string): WorkerData {
  const network = Object.entries(data.files).filter(([path]) => path.startsWith('/etc/systemd/network/'));
  const find = (test: (text: string) => boolean, what: string): string => network.map(([, { content }]) => content)
    .find(test) ?? fail(`no ${what} in /etc/systemd/network`);
  const vlan = find((text) => /^Kind=vlan$/m.test(text), 'VLAN');
  const parent = find((text) => new RegExp(`^VLAN=${setting(vlan, 'Name')}$`, 'm').test(text), 'parent of the VLAN');
  const user = find((text) =>
    text.includes(`\nName=${setting(vlan, 'Name')}\n`) && text.includes('[Network]'), 'network of the VLAN');
  const address = (text: string): string => setting(text, 'Address').split('/')[0]!;
  return {
    role: 'worker',
    kubelet: kubeletOf(data, serverId),
    parent: { macAddress: setting(parent, 'MACAddress').toLowerCase(), address: address(parent) },
    user: { macAddress: setting(vlan, 'MACAddress')
      .toLowerCase(), vlanId: Number(setting(vlan, 'Id')), address: address(user) },
  };
}

/** What machine the data makes; undefined when it is none of a cluster's. Throws BadData on what cannot work. */
export function readMachineData(userData: string, serverId: string): MasterData | WorkerData | undefined {
  let data: ParsedUserData;
  try {
    data = parseUserData(userData);
  } catch {
    return undefined;
  }
  if (`${kubernetes}/manifests/kube-apiserver.yaml` in data.files) return masterOf(data, serverId);
  return `${kubernetes}/bootstrap-kubelet.conf` in data.files ? workerOf(data, serverId) : undefined;
}
