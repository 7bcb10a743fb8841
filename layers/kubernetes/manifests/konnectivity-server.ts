/** The masters' end of the way to the nodes: agents dial in, API servers go out through them. */
import { konnectivityDirectory, konnectivitySocket } from '../control-plane-layout.ts';
import type { ControlPlaneInput } from '../inputs.ts';
import { imagesOf } from '../images.ts';
import { users } from '../../pki/users.ts';
import { ports } from '../spec.ts';
import { componentKubeconfig } from './component-kubeconfig.ts';
import { deployment, probes, resources, secret, secretVolume, tcp } from './control-plane-workload.ts';
import type { Manifest } from './manifest.ts';

/** What agents' tokens are for: a token for anything else does not open the door, nor does theirs open another. */
export const audience = 'system:konnectivity-server';

export function konnectivityServer({ spec, certificates: { user } }: ControlPlaneInput): Manifest[] {
  const name = 'konnectivity-server';
  const files = secret(name, {
    kubeconfig: componentKubeconfig(spec, user.ca, user.konnectivityClient, users.konnectivityServer),
    'server.crt': user.konnectivityServer.certPem,
    'server.key': user.konnectivityServer.keyPem,
  });
  return deployment({
    name,
    replicas: spec.masters.length,
    secrets: [files],
    containers: [
      {
        name,
        image: imagesOf(spec.version).konnectivityServer,
        command: [
          '/proxy-server',
          '--mode=grpc',
          `--uds-name=${konnectivityDirectory}/${konnectivitySocket}`,
          '--delete-existing-uds-file=true',
          '--server-port=0',
          `--agent-port=${ports.user.konnectivityAgent}`,
          `--admin-port=${ports.user.konnectivityAdmin}`,
          '--admin-bind-address=127.0.0.1',
          `--health-port=${ports.user.konnectivityHealth}`,
          '--health-bind-address=127.0.0.1',
          '--cluster-cert=/etc/konnectivity/server.crt',
          '--cluster-key=/etc/konnectivity/server.key',
          '--kubeconfig=/etc/konnectivity/kubeconfig',
          '--agent-namespace=kube-system',
          '--agent-service-account=konnectivity-agent',
          `--authentication-audience=${audience}`,
          '--server-id=$(NODE_NAME)',
          `--server-count=${spec.masters.length}`,
          '--proxy-strategies=destHost,default',
          '--keepalive-time=5m',
        ],
        env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        ports: [tcp('agents', ports.user.konnectivityAgent)],
        resources: resources('20m', '48Mi', '512Mi'),
        // Its /readyz wants an agent to be connected: a cluster without nodes would never be complete.
        ...probes(ports.user.konnectivityHealth, 'HTTP', { live: '/healthz', ready: '/healthz' }),
        volumeMounts: [
          { name: 'files', mountPath: '/etc/konnectivity', readOnly: true },
          { name: 'socket', mountPath: konnectivityDirectory },
        ],
      },
    ],
    volumes: [
      secretVolume('files', name),
      { name: 'socket', hostPath: { path: konnectivityDirectory, type: 'Directory' } },
    ],
  });
}
