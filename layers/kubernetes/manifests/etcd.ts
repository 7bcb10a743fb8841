/** The user's etcd: one member on every master, its data on the master's etcd volume. */
import { etcdDirectory, namespace } from '../control-plane-layout.ts';
import type { ControlPlaneInput } from '../inputs.ts';
import { imagesOf } from '../images.ts';
import { minorOf, ports, type Master } from '../spec.ts';
import {
  allLabelsOf,
  disruptionBudget,
  labelsOf,
  podTemplate,
  probes,
  resources,
  secret,
  secretVolume,
  tcp,
} from './control-plane-workload.ts';
import { manifest, type Manifest } from './manifest.ts';

export interface EtcdCommand {
  kubernetesMinor: number;
  /** Of this member: may be $(VARIABLES) of the container. */
  name: string;
  address: string;
  members: readonly Master[];
  token: string;
  dataDirectory: string;
  ports: { etcdClient: number; etcdPeer: number; etcdMetrics: number };
  files: { ca: string; server: string; serverKey: string; peer: string; peerKey: string };
  quotaBytes: number;
}

/** etcd 3.6, which comes with Kubernetes 1.34, renamed what 3.5 called experimental. */
const newerFlags = (kubernetesMinor: number): string[] =>
  kubernetesMinor >= 34
    ? ['--feature-gates=InitialCorruptCheck=true', '--watch-progress-notify-interval=5s']
    : ['--experimental-initial-corrupt-check=true', '--experimental-watch-progress-notify-interval=5s'];

/** etcd with a static member list and TLS on both sides of every connection. */
export function etcdCommand(input: EtcdCommand): string[] {
  const {
    address,
    files,
    ports: { etcdClient, etcdPeer, etcdMetrics },
  } = input;
  return [
    'etcd',
    `--name=${input.name}`,
    `--data-dir=${input.dataDirectory}`,
    `--initial-cluster=${input.members.map((one) => `${one.name}=https://${one.address}:${etcdPeer}`).join(',')}`,
    '--initial-cluster-state=new',
    `--initial-cluster-token=${input.token}`,
    `--initial-advertise-peer-urls=https://${address}:${etcdPeer}`,
    `--listen-peer-urls=https://${address}:${etcdPeer}`,
    `--advertise-client-urls=https://${address}:${etcdClient}`,
    `--listen-client-urls=https://127.0.0.1:${etcdClient},https://${address}:${etcdClient}`,
    `--listen-metrics-urls=http://127.0.0.1:${etcdMetrics}`,
    `--trusted-ca-file=${files.ca}`,
    `--cert-file=${files.server}`,
    `--key-file=${files.serverKey}`,
    '--client-cert-auth=true',
    `--peer-trusted-ca-file=${files.ca}`,
    `--peer-cert-file=${files.peer}`,
    `--peer-key-file=${files.peerKey}`,
    '--peer-client-cert-auth=true',
    `--quota-backend-bytes=${input.quotaBytes}`,
    '--snapshot-count=10000',
    // Cloud disks and zones: an election must not follow from one slow write.
    '--heartbeat-interval=250',
    '--election-timeout=2500',
    ...newerFlags(input.kubernetesMinor),
  ];
}

const mount = '/etc/etcd/pki';

/**
 * A DaemonSet rather than a StatefulSet: a member is its master's name, address and volume, so its pod must not move;
 * and a roll-out takes one member at a time, waiting until it is ready again.
 */
export function etcd({ spec, certificates, masterMemoryMiB = 4096 }: ControlPlaneInput): Manifest[] {
  const name = 'etcd';
  const pki = secret(name, {
    'ca.crt': certificates.user.etcdCa.certPem,
    ...Object.fromEntries(
      spec.masters.flatMap((master) => {
        const member = certificates.user.etcd[master.name];
        if (!member) throw new Error(`No etcd certificates for master ${master.name}`);
        return [
          [`${master.name}.server.crt`, member.server.certPem],
          [`${master.name}.server.key`, member.server.keyPem],
          [`${master.name}.peer.crt`, member.peer.certPem],
          [`${master.name}.peer.key`, member.peer.keyPem],
        ];
      }),
    ),
  });
  const template = podTemplate(
    {
      name,
      secrets: [pki],
      containers: [
        {
          name,
          image: imagesOf(spec.version).etcd,
          command: etcdCommand({
            kubernetesMinor: minorOf(spec.version),
            name: '$(NODE_NAME)',
            address: '$(HOST_IP)',
            members: spec.masters,
            token: `${spec.clusterId}-user`,
            dataDirectory: '/var/lib/etcd/member-data',
            ports: ports.user,
            files: {
              ca: `${mount}/ca.crt`,
              server: `${mount}/$(NODE_NAME).server.crt`,
              serverKey: `${mount}/$(NODE_NAME).server.key`,
              peer: `${mount}/$(NODE_NAME).peer.crt`,
              peerKey: `${mount}/$(NODE_NAME).peer.key`,
            },
            quotaBytes: 4 * 1024 ** 3,
          }),
          env: [
            { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
          ],
          ports: [tcp('client', ports.user.etcdClient), tcp('peer', ports.user.etcdPeer)],
          resources: resources('100m', '256Mi', `${Math.floor(masterMemoryMiB * 0.35)}Mi`),
          ...probes(ports.user.etcdMetrics, 'HTTP', { live: '/livez', ready: '/readyz' }),
          volumeMounts: [
            { name: 'data', mountPath: '/var/lib/etcd' },
            { name: 'pki', mountPath: mount, readOnly: true },
          ],
        },
      ],
      volumes: [
        // Not DirectoryOrCreate: without its volume a member must not start on the boot disk with nothing in it.
        { name: 'data', hostPath: { path: etcdDirectory, type: 'Directory' } },
        secretVolume('pki', name),
      ],
    },
    'system-node-critical',
  );
  return [
    pki,
    manifest(
      'apps/v1',
      'DaemonSet',
      { name, namespace, labels: allLabelsOf(name) },
      {
        spec: {
          revisionHistoryLimit: 2,
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
          selector: { matchLabels: labelsOf(name) },
          template,
        },
      },
    ),
    // maxUnavailable would need a scale subresource, which a DaemonSet has not.
    disruptionBudget(name, { minAvailable: Math.max(spec.masters.length - 1, 0) }),
  ];
}
