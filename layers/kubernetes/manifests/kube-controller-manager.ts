/** The user's controller manager. */
import type { ControlPlaneInput } from '../inputs.ts';
import { imagesOf } from '../images.ts';
import { electsLeader, ports, type KubernetesSpec } from '../spec.ts';
import { componentKubeconfig, listenerFlags, standbyReplicas } from './component-kubeconfig.ts';
import { deployment, probes, resources, secret, secretVolume } from './control-plane-workload.ts';
import type { Manifest } from './manifest.ts';

const directory = '/etc/kubernetes';

/** Cilium takes each node's pods from the node's own range; Calico keeps ranges of its own. */
function podRangeFlags({ networkPlugin, podsCidr }: KubernetesSpec): string[] {
  if (networkPlugin === 'calico') return ['--allocate-node-cidrs=false', `--cluster-cidr=${podsCidr}`];
  const prefix = Number(podsCidr.split('/')[1]);
  return [
    '--allocate-node-cidrs=true',
    `--cluster-cidr=${podsCidr}`,
    `--node-cidr-mask-size=${Math.min(Math.max(24, prefix), prefix + 16)}`,
  ];
}

export function kubeControllerManager({ spec, certificates: { user } }: ControlPlaneInput): Manifest[] {
  const name = 'kube-controller-manager';
  const kubeconfigPath = `${directory}/kubeconfig`;
  const files = secret(name, {
    kubeconfig: componentKubeconfig(spec, user.ca, user.controllerManager, 'system:kube-controller-manager'),
    'ca.crt': user.ca.certPem,
    'ca.key': user.ca.keyPem,
    'front-proxy-ca.crt': user.frontProxyCa.certPem,
    'sa.key': user.serviceAccount.privatePem,
  });
  return deployment({
    name,
    replicas: standbyReplicas(spec),
    secrets: [files],
    containers: [
      {
        name,
        image: imagesOf(spec.version).controllerManager,
        command: [
          name,
          `--kubeconfig=${kubeconfigPath}`,
          ...listenerFlags(ports.user.controllerManager, kubeconfigPath),
          `--client-ca-file=${directory}/ca.crt`,
          `--requestheader-client-ca-file=${directory}/front-proxy-ca.crt`,
          '--cloud-provider=external',
          '--configure-cloud-routes=false',
          `--cluster-name=${spec.clusterId}`,
          `--cluster-signing-cert-file=${directory}/ca.crt`,
          `--cluster-signing-key-file=${directory}/ca.key`,
          `--root-ca-file=${directory}/ca.crt`,
          `--service-account-private-key-file=${directory}/sa.key`,
          `--service-cluster-ip-range=${spec.serviceCidr}`,
          ...podRangeFlags(spec),
          '--controllers=*,bootstrapsigner,tokencleaner',
          '--use-service-account-credentials=true',
          `--leader-elect=${electsLeader(spec)}`,
          '--profiling=false',
        ],
        resources: resources('60m', '128Mi', '768Mi'),
        ...probes(ports.user.controllerManager, 'HTTPS', { live: '/healthz', ready: '/healthz' }),
        volumeMounts: [{ name: 'files', mountPath: directory, readOnly: true }],
      },
    ],
    volumes: [secretVolume('files', name)],
  });
}
