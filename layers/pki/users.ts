/** Users of the clusters' components whose rights are ours to bind; the others have theirs built in. */
export const users = {
  kubeletClient: 'kube-apiserver-kubelet-client',
  konnectivityServer: 'system:konnectivity-server',
  cloudNode: 'moorage:cloud-node-controller',
  cloudService: 'moorage:cloud-service-controller',
  cinderCsi: 'moorage:cinder-csi-controller',
  frontProxy: 'front-proxy-client',
} as const;
