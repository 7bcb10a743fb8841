/** Which container images are made, of which programs: those that our manifests name, and those that tests need. */
import { imagesOf } from '../../layers/kubernetes/images.ts';
import { calicoImages } from './calico-images.ts';
import { autoscaler, kubernetesVersions, withCalico } from './go-modules.ts';
import { busybox, moduleOf, single, type ImageSource } from './image-source.ts';
import { podNetworkImages } from './pod-network-images.ts';
import { suiteImages } from './suite-images.ts';

function imagesOfVersion(version: string): ImageSource[] {
  const names = imagesOf(version);
  const onPath = (name: string, program: string, more: Partial<ImageSource> = {}) =>
    single(name, version, program, `/usr/local/bin/${program}`, more);
  const atRoot = (name: string, program: string, more: Partial<ImageSource> = {}) => single(name, version, program, `/${program}`, more);
  const etcd = onPath(names.etcd, 'etcd');
  return [
    onPath(names.apiserver, 'kube-apiserver'),
    onPath(names.controllerManager, 'kube-controller-manager'),
    onPath(names.scheduler, 'kube-scheduler'),
    onPath(names.kubeProxy, 'kube-proxy', { base: 'tools' }),
    { ...etcd, programs: { ...etcd.programs, '/usr/local/bin/etcdctl': { from: moduleOf('etcdctl', version), program: 'etcdctl' } } },
    atRoot(names.coredns, 'coredns'),
    atRoot(names.konnectivityServer, 'proxy-server'),
    atRoot(names.konnectivityAgent, 'proxy-agent'),
    single(names.cloudController, version, 'openstack-cloud-controller-manager', '/bin/openstack-cloud-controller-manager'),
    single(names.cinderCsi, version, 'cinder-csi-plugin', '/bin/cinder-csi-plugin', { base: 'tools' }),
    atRoot(names.csiProvisioner, 'csi-provisioner'),
    atRoot(names.csiAttacher, 'csi-attacher'),
    atRoot(names.csiResizer, 'csi-resizer'),
    atRoot(names.csiSnapshotter, 'csi-snapshotter'),
    atRoot(names.snapshotController, 'snapshot-controller'),
    atRoot(names.csiLivenessProbe, 'livenessprobe'),
    atRoot(names.csiNodeDriverRegistrar, 'csi-node-driver-registrar'),
    ...(withCalico ? calicoImages(names, version) : podNetworkImages(names)),
  ];
}

const pause = (name: string): ImageSource => single(name, kubernetesVersions[0]!, 'pause', '/pause', { user: '65535:65535' });

/** The sandbox that containerd 1.6 asks for, the one of this Kubernetes, and something for users' pods to run. */
const others: ImageSource[] = [
  pause('registry.k8s.io/pause:3.6'),
  pause('registry.k8s.io/pause:3.8'),
  pause('registry.k8s.io/pause:3.10.1'),
  busybox('docker.io/library/busybox:1.35'),
  {
    name: `registry.k8s.io/autoscaling/${autoscaler.name.replace('-v', ':v')}`, entrypoint: ['/cluster-autoscaler'],
    programs: { '/cluster-autoscaler': { from: autoscaler.name, program: 'cluster-autoscaler' } },
  },
];

/** All, each name once. */
export function imageSources(): ImageSource[] {
  const all = [...kubernetesVersions.flatMap(imagesOfVersion), ...others, ...suiteImages];
  return all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index);
}
