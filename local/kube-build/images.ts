/** Which container images are made, of which programs: those that our manifests name, and those that tests need. */
import { imagesOf, type Images } from '../../layers/kubernetes/images.ts';
import { kubernetesVersions, programsOf } from './go-modules.ts';
import type { ImageConfig } from './oci-layout.ts';

export interface ImageSource extends ImageConfig {
  /** Its full name, as a pod asks for it. */
  name: string;
  /** `tools`: Debian's tools beneath the program; otherwise nothing but the program and what it needs to run. */
  base?: 'tools';
  /** Path in the image → which program of which module. */
  programs: Record<string, { from: string; program: string }>;
  /** Path in the image → file of this machine. */
  files?: Record<string, string>;
  /** Path in the image → what a symbolic link there points to. */
  links?: Record<string, string>;
  /** Path in the image → what is written there; scripts begin with #!. */
  texts?: Record<string, string>;
  /** Folders that any user of the image may write to. */
  open?: string[];
  /** Busybox in the image, under the names of all that it can do. */
  applets?: string;
}

/** The folder of the module that builds `program` for this version of Kubernetes. */
function moduleOf(program: string, version: string): string {
  const found = programsOf(version).find(({ packages }) => Object.values(packages).includes(program));
  if (!found) throw new Error(`No module builds ${program}`);
  return found.name;
}

/** An image of one program. */
const single = (name: string, version: string, program: string, path: string, more: Partial<ImageSource> = {}): ImageSource => ({
  name, programs: { [path]: { from: moduleOf(program, version), program } }, entrypoint: [path], ...more,
});

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
    ...calicoImages(names, version),
  ];
}

/** Upstream runs the parts under a supervisor; here the container ends when one of them does, and is started anew. */
const startCalico = `#!/bin/bash
set -eu
calico-node -startup
NODENAME=$(cat /var/lib/calico/nodename)
export NODENAME FELIX_FELIXHOSTNAME=$NODENAME FELIX_DATASTORETYPE=$DATASTORE_TYPE
calico-node -allocate-tunnel-addrs -allocate-tunnel-addrs-run-once
for part in felix allocate-tunnel-addrs monitor-addresses monitor-token status-reporter; do
  calico-node -$part &
done
trap 'kill $(jobs -p)' TERM INT
wait -n
echo 'one of the parts has ended' >&2
exit 1
`;
const felixConfiguration = '[global]\nMetadataAddr = None\nLogFilePath = None\nLogSeverityFile = None\nLogSeveritySys = None\n';
/** Debian's reference plug-ins, which Calico's configuration chains behind its own. */
const referencePlugins = ['bandwidth', 'host-local', 'loopback', 'portmap', 'tuning'];

function calicoImages(names: Images, version: string): ImageSource[] {
  const of = (program: string) => ({ from: moduleOf(program, version), program });
  return [
    {
      name: names.calicoNode, base: 'tools', programs: { '/usr/bin/calico-node': of('calico-node') }, cmd: ['start-calico'],
      // The manifests' probes look for it in /bin.
      links: { '/bin/calico-node': '/usr/bin/calico-node' },
      texts: { '/usr/bin/start-calico': startCalico, '/etc/calico/felix.cfg': felixConfiguration },
    },
    {
      name: names.calicoCni,
      programs: { '/opt/cni/bin/calico': of('calico'), '/opt/cni/bin/calico-ipam': of('calico'), '/opt/cni/bin/install': of('install') },
      files: Object.fromEntries(referencePlugins.map((plugin) => [`/opt/cni/bin/${plugin}`, `/usr/lib/cni/${plugin}`])),
      entrypoint: ['/opt/cni/bin/install'],
    },
    {
      name: names.calicoControllers,
      programs: { '/usr/bin/kube-controllers': of('kube-controllers'), '/usr/bin/check-status': of('check-status') },
      open: ['/status'], entrypoint: ['/usr/bin/kube-controllers'], user: '999',
    },
  ];
}

const busybox = (name: string): ImageSource => ({ name, programs: {}, files: { '/bin/busybox': '/bin/busybox' }, applets: '/bin/busybox', cmd: ['sh'] });
const pause = (name: string): ImageSource =>
  single(name, kubernetesVersions[0]!, 'pause', '/pause', { user: '65535:65535' });

/** The sandbox that containerd 1.6 asks for, the one of this Kubernetes, and something for users' pods to run. */
const others: ImageSource[] = [
  pause('registry.k8s.io/pause:3.6'),
  pause('registry.k8s.io/pause:3.8'),
  pause('registry.k8s.io/pause:3.10.1'),
  busybox('docker.io/library/busybox:1.35'),
];

/** All, each name once. */
export function imageSources(): ImageSource[] {
  const all = [...kubernetesVersions.flatMap(imagesOfVersion), ...others];
  return all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index);
}
