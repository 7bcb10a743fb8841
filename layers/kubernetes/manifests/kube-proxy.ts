/** kube-proxy on every node. */
import { stringify } from 'yaml';
import { imagesOf } from '../images.ts';
import { ports, type KubernetesSpec } from '../spec.ts';
import { resources } from './control-plane-workload.ts';
import { manifest, type Manifest } from './manifest.ts';
import { nodeDaemon, nodeEnv } from './node-daemon.ts';
import { bindClusterRole, serviceAccount } from './rbac.ts';

const name = 'kube-proxy';
const directory = '/var/lib/kube-proxy';
const account = '/var/run/secrets/kubernetes.io/serviceaccount';

const configuration = (spec: KubernetesSpec): string =>
  stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: spec.podsCidr,
    clientConnection: { kubeconfig: `${directory}/kubeconfig` },
    healthzBindAddress: '0.0.0.0:10256',
    metricsBindAddress: '127.0.0.1:10249',
    // Node ports belong to the user's network: not to the service network, which the node is on as well.
    nodePortAddresses: ['primary'],
  });

/** It makes the Service address of the API work, so it cannot go by that. */
const kubeconfig = (spec: KubernetesSpec): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'default',
        cluster: {
          server: `https://${spec.apiAddress}:${ports.user.api}`,
          'certificate-authority': `${account}/ca.crt`,
        },
      },
    ],
    users: [{ name: 'default', user: { tokenFile: `${account}/token` } }],
    contexts: [{ name: 'default', context: { cluster: 'default', user: 'default', namespace: 'default' } }],
    'current-context': 'default',
  });

export function kubeProxy(spec: KubernetesSpec): Manifest[] {
  const config = manifest(
    'v1',
    'ConfigMap',
    { name, namespace: 'kube-system' },
    {
      data: { 'config.conf': configuration(spec), kubeconfig: kubeconfig(spec) },
    },
  );
  const probe = (path: string) => ({ httpGet: { host: '127.0.0.1', path, port: 10256 }, timeoutSeconds: 5 });
  return [
    serviceAccount(name),
    bindClusterRole('moorage:kube-proxy', 'system:node-proxier', {
      kind: 'ServiceAccount',
      name,
      namespace: 'kube-system',
    }),
    config,
    nodeDaemon({
      name,
      hostNetwork: true,
      serviceAccountName: name,
      reads: [config],
      containers: [
        {
          name,
          image: imagesOf(spec.version).kubeProxy,
          command: [
            '/usr/local/bin/kube-proxy',
            `--config=${directory}/config.conf`,
            '--hostname-override=$(NODE_NAME)',
          ],
          env: nodeEnv,
          resources: resources('20m', '48Mi', '256Mi'),
          startupProbe: { ...probe('/livez'), periodSeconds: 5, failureThreshold: 36 },
          livenessProbe: { ...probe('/livez'), periodSeconds: 10, failureThreshold: 6 },
          readinessProbe: { ...probe('/healthz'), periodSeconds: 10 },
          securityContext: { privileged: true },
          volumeMounts: [
            { name: 'config', mountPath: directory, readOnly: true },
            { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
            { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name } },
        { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
        { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
      ],
    }),
  ];
}
