/** How a part of the control plane reaches the user's API: on its own master, never over the load balancer. */
import type { KeyPair } from '../../pki/authority.ts';
import { kubeconfig } from '../kubeconfig.ts';
import { ports, type KubernetesSpec } from '../spec.ts';

export const componentKubeconfig = (spec: KubernetesSpec, ca: KeyPair, client: KeyPair, user: string): string =>
  kubeconfig({
    clusterName: spec.clusterName,
    server: `https://127.0.0.1:${ports.user.api}`,
    caPem: ca.certPem,
    certPem: client.certPem,
    keyPem: client.keyPem,
    user,
  });

/** Two suffice where a lease decides who works; a third would only wait. */
export const standbyReplicas = (spec: KubernetesSpec): number => Math.min(spec.masters.length, 2);

/**
 * Flags of every controller's own listener. Looking up the API's configuration at start is left out: it would make the
 * process exit, and back off, whenever it starts before the API server does.
 */
export const listenerFlags = (port: number, kubeconfigPath: string): string[] => [
  '--bind-address=127.0.0.1',
  `--secure-port=${port}`,
  `--authentication-kubeconfig=${kubeconfigPath}`,
  '--authentication-skip-lookup=true',
  `--authorization-kubeconfig=${kubeconfigPath}`,
];
