/** The user's scheduler. */
import type { ControlPlaneInput } from '../inputs.ts';
import { imagesOf } from '../images.ts';
import { electsLeader, ports } from '../spec.ts';
import { componentKubeconfig, listenerFlags, standbyReplicas } from './component-kubeconfig.ts';
import { deployment, probes, resources, secret, secretVolume } from './control-plane-workload.ts';
import type { Manifest } from './manifest.ts';

export function kubeScheduler({ spec, certificates: { user } }: ControlPlaneInput): Manifest[] {
  const name = 'kube-scheduler';
  const kubeconfigPath = '/etc/kubernetes/kubeconfig';
  return deployment({
    name,
    replicas: standbyReplicas(spec),
    secrets: [
      secret(name, { kubeconfig: componentKubeconfig(spec, user.ca, user.scheduler, 'system:kube-scheduler') }),
    ],
    containers: [
      {
        name,
        image: imagesOf(spec.version).scheduler,
        command: [
          name,
          `--kubeconfig=${kubeconfigPath}`,
          ...listenerFlags(ports.user.scheduler, kubeconfigPath),
          `--leader-elect=${electsLeader(spec)}`,
          '--profiling=false',
        ],
        resources: resources('30m', '64Mi', '512Mi'),
        ...probes(ports.user.scheduler, 'HTTPS', { live: '/healthz', ready: '/healthz' }),
        volumeMounts: [{ name: 'files', mountPath: '/etc/kubernetes', readOnly: true }],
      },
    ],
    volumes: [secretVolume('files', name)],
  });
}
