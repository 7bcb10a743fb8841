/**
 * The kinds in which Calico keeps its state. Their schemas are left open: full ones are a third of a megabyte, and only
 * Calico itself writes these objects, checking them as it does.
 */
import { customResource } from './custom-resource.ts';
import type { Manifest } from './manifest.ts';

const clusterWide: Record<string, string> = {
  bgpconfigurations: 'BGPConfiguration',
  bgpfilters: 'BGPFilter',
  bgppeers: 'BGPPeer',
  blockaffinities: 'BlockAffinity',
  caliconodestatuses: 'CalicoNodeStatus',
  clusterinformations: 'ClusterInformation',
  felixconfigurations: 'FelixConfiguration',
  globalnetworkpolicies: 'GlobalNetworkPolicy',
  globalnetworksets: 'GlobalNetworkSet',
  hostendpoints: 'HostEndpoint',
  ipamblocks: 'IPAMBlock',
  ipamconfigs: 'IPAMConfig',
  ipamhandles: 'IPAMHandle',
  ippools: 'IPPool',
  ipreservations: 'IPReservation',
  kubecontrollersconfigurations: 'KubeControllersConfiguration',
  stagedglobalnetworkpolicies: 'StagedGlobalNetworkPolicy',
  tiers: 'Tier',
};
const namespaced: Record<string, string> = {
  networkpolicies: 'NetworkPolicy',
  networksets: 'NetworkSet',
  stagednetworkpolicies: 'StagedNetworkPolicy',
  stagedkubernetesnetworkpolicies: 'StagedKubernetesNetworkPolicy',
};
/** Cluster-wide policies of Kubernetes' own, which Calico watches and does not start without. */
const policies: Record<string, string> = {
  adminnetworkpolicies: 'AdminNetworkPolicy',
  baselineadminnetworkpolicies: 'BaselineAdminNetworkPolicy',
};

const all = (kinds: Record<string, string>, group: string, version: string, inNamespaces = false): Manifest[] =>
  Object.entries(kinds).map(([plural, kind]) =>
    customResource({ group, version, kind, plural, namespaced: inNamespaces }),
  );

export const calicoKinds = (): Manifest[] => [
  ...all(clusterWide, 'crd.projectcalico.org', 'v1'),
  ...all(namespaced, 'crd.projectcalico.org', 'v1', true),
  ...all(policies, 'policy.networking.k8s.io', 'v1alpha1'),
];
