/** Everything of the user's control plane, as objects of the system cluster. */
import { users } from '../../pki/users.ts';
import { namespace } from '../control-plane-layout.ts';
import type { ControlPlaneInput } from '../inputs.ts';
import { cinderCsiController } from './cinder-csi-controller.ts';
import { cloudNodeController, cloudServiceController } from './cloud-controllers.ts';
import { etcd } from './etcd.ts';
import { konnectivityServer } from './konnectivity-server.ts';
import { kubeApiserver } from './kube-apiserver.ts';
import { kubeControllerManager } from './kube-controller-manager.ts';
import { kubeScheduler } from './kube-scheduler.ts';
import { manifest, type Manifest } from './manifest.ts';
import { bindClusterRole } from './rbac.ts';

/**
 * What the system cluster needs before it can carry anything: rights of its own API server and kubelets, the namespace.
 */
const foundations = (): Manifest[] => [
  bindClusterRole('moorage:kubelet-api-admin', 'system:kubelet-api-admin', { kind: 'User', name: users.kubeletClient }),
  bindClusterRole(
    'moorage:renew-node-certificates',
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    { kind: 'Group', name: 'system:nodes' },
  ),
  manifest('v1', 'Namespace', {
    name: namespace,
    // Its pods use the masters' network and folders.
    labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
  }),
];

/**
 * All objects in the order in which they are applied. Pods start in that order too, so that few have to wait for
 * others.
 */
export const controlPlaneManifests = (input: ControlPlaneInput): Manifest[] => [
  ...foundations(),
  ...etcd(input),
  ...kubeApiserver(input),
  ...konnectivityServer(input),
  ...kubeControllerManager(input),
  ...kubeScheduler(input),
  ...cloudNodeController(input),
  ...cloudServiceController(input),
  ...cinderCsiController(input),
];
