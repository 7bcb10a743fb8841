/**
 * Add-ons as data: which chart, which version, which values. Those that a cluster cannot be without also have manifests
 * here.
 */
import { calicoVersion, ciliumVersion } from './images.ts';
import type { KubernetesSpec } from './spec.ts';

export interface AddOn {
  name: string;
  namespace: string;
  chart: { repository: string; name: string; version: string };
  values: Record<string, unknown>;
  /** Applied with the cluster, from manifests of ours; the others are installed when asked for. */
  builtIn: boolean;
}

const networkPlugin = (spec: KubernetesSpec): AddOn =>
  spec.networkPlugin === 'calico'
    ? {
        name: 'calico',
        namespace: 'kube-system',
        builtIn: true,
        chart: { repository: 'https://docs.tigera.io/calico/charts', name: 'tigera-operator', version: calicoVersion },
        values: {
          installation: {
            calicoNetwork: {
              bgp: 'Disabled',
              ipPools: [{ cidr: spec.podsCidr, encapsulation: 'VXLAN', natOutgoing: 'Enabled' }],
              nodeAddressAutodetectionV4: { kubernetes: 'NodeInternalIP' },
            },
          },
        },
      }
    : {
        name: 'cilium',
        namespace: 'kube-system',
        builtIn: true,
        chart: { repository: 'https://helm.cilium.io', name: 'cilium', version: ciliumVersion.replace(/^v/, '') },
        values: {
          ipam: { mode: 'kubernetes' },
          routingMode: 'tunnel',
          tunnelProtocol: 'vxlan',
          kubeProxyReplacement: 'false',
          envoy: { enabled: false },
          hubble: { enabled: false },
          operator: { replicas: 1 },
        },
      };

export const addOns = (spec: KubernetesSpec): AddOn[] => [
  networkPlugin(spec),
  {
    name: 'metrics-server',
    namespace: 'kube-system',
    builtIn: false,
    chart: {
      repository: 'https://kubernetes-sigs.github.io/metrics-server',
      name: 'metrics-server',
      version: '3.13.0',
    },
    // kubelets sign their serving certificates themselves.
    values: {
      args: ['--kubelet-insecure-tls', '--kubelet-preferred-address-types=InternalIP'],
      replicas: 2,
      podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    },
  },
];
