/** What belongs into the user's cluster itself: rights, names, network, volumes. */
import type { ClusterObjectsInput } from '../inputs.ts';
import { accessRights } from './access.ts';
import { apiEndpoints } from './api-endpoints.ts';
import { bootstrapRights, bootstrapToken } from './bootstrap.ts';
import { calico } from './calico.ts';
import { cilium } from './cilium.ts';
import { cinderCsiNode } from './cinder-csi-node.ts';
import { coredns } from './coredns.ts';
import { konnectivityAgents } from './konnectivity-agent.ts';
import { kubeProxy } from './kube-proxy.ts';
import type { Manifest } from './manifest.ts';
import { storageClasses } from './storage-classes.ts';
import { volumeSnapshots } from './volume-snapshots.ts';

/** All objects in the order in which they are applied: rights first, as much else waits for them. */
export const clusterObjects = ({ spec, certificates, ...input }: ClusterObjectsInput): Manifest[] => [
  ...accessRights(),
  ...bootstrapRights(),
  ...input.bootstrapTokens.map(bootstrapToken),
  ...apiEndpoints(spec),
  ...konnectivityAgents(spec, certificates),
  ...kubeProxy(spec),
  ...(spec.networkPlugin === 'calico' ? calico(spec) : cilium(spec)),
  ...coredns(spec, input.dnsReplicas ?? 2),
  ...volumeSnapshots(spec),
  ...cinderCsiNode(spec),
  ...storageClasses(input.storageClasses),
];
