/** The nodes' end of the way from the control plane: every node dials out to the VIP and lets its own traffic in. */
import type { ClusterCertificates } from '../../pki/certificates.ts';
import { runAs } from '../control-plane-layout.ts';
import { imagesOf } from '../images.ts';
import { ports, type KubernetesSpec } from '../spec.ts';
import { confined, resources } from './control-plane-workload.ts';
import { audience } from './konnectivity-server.ts';
import { manifest, type Manifest } from './manifest.ts';
import { nodeDaemon, nodeEnv } from './node-daemon.ts';
import { serviceAccount } from './rbac.ts';

const name = 'konnectivity-agent';
const { konnectivityAgent, konnectivityAdmin, konnectivityHealth } = ports.user;

/** On the nodes' own network: logs and exec must work before, and when, the pods' network does not. */
export function konnectivityAgents(spec: KubernetesSpec, certificates: ClusterCertificates): Manifest[] {
  const authority = manifest(
    'v1',
    'ConfigMap',
    { name, namespace: 'kube-system' },
    { data: { 'ca.crt': certificates.user.konnectivityCa.certPem } },
  );
  const probe = (path: string) => ({
    httpGet: { path, port: konnectivityHealth },
    timeoutSeconds: 5,
    periodSeconds: 10,
  });
  return [
    serviceAccount(name),
    authority,
    nodeDaemon({
      name,
      hostNetwork: true,
      serviceAccountName: name,
      automountServiceAccountToken: false,
      reads: [authority],
      securityContext: {
        runAsNonRoot: true,
        runAsUser: runAs,
        runAsGroup: runAs,
        fsGroup: runAs,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name,
          image: imagesOf(spec.version).konnectivityAgent,
          command: [
            '/proxy-agent',
            '--ca-cert=/etc/konnectivity/ca.crt',
            `--proxy-server-host=${spec.apiAddress}`,
            `--proxy-server-port=${konnectivityAgent}`,
            `--admin-server-port=${konnectivityAdmin}`,
            `--health-server-port=${konnectivityHealth}`,
            '--service-account-token-path=/var/run/secrets/tokens/konnectivity',
            '--agent-id=$(NODE_NAME)',
            // A node's kubelet is reached through the node's own agent; everything else through any.
            '--agent-identifiers=ipv4=$(HOST_IP)&host=$(NODE_NAME)',
          ],
          env: nodeEnv,
          resources: resources('10m', '32Mi', '192Mi'),
          livenessProbe: { ...probe('/healthz'), initialDelaySeconds: 10, failureThreshold: 6 },
          readinessProbe: probe('/readyz'),
          securityContext: confined,
          volumeMounts: [
            { name: 'token', mountPath: '/var/run/secrets/tokens', readOnly: true },
            { name: 'authority', mountPath: '/etc/konnectivity', readOnly: true },
          ],
        },
      ],
      volumes: [
        {
          name: 'token',
          projected: {
            sources: [{ serviceAccountToken: { path: 'konnectivity', audience, expirationSeconds: 3600 } }],
          },
        },
        { name: 'authority', configMap: { name } },
      ],
    }),
  ];
}
