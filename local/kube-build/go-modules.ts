/** Which programs the machines run, from which Go modules, in which versions, in the order in which they are built. */
import { basename, join } from 'node:path';
import { imagesOf } from '../../layers/kubernetes/images.ts';
import { minorOf } from '../../layers/kubernetes/spec.ts';

export interface GoPrograms {
  /** Folder of the programs, beside those of other modules: kubernetes-v1.34.2. */
  name: string;
  /** What the build requires: each module in exactly this version. The first one's replacements are kept. */
  modules: { path: string; version: string }[];
  /** Import path of the main package → name of its program. */
  packages: Record<string, string>;
  /** A main package of ours, `.` among the packages. */
  main?: string;
  /** Import paths of test packages, built as programs. */
  tests?: Record<string, string>;
  /** Files of the first module that lie beside the programs: path in the module → name. */
  files?: Record<string, string>;
  /** Modules that are taken in another version than required, or that the first one has in a folder of its own. */
  replacements?: Record<string, string>;
  /** Modules whose source is used without the versions that they require: what the others require is used. */
  copied?: Copied[];
  /** Build tags: which parts of a program are built where it has more than are wanted. */
  tags?: string[];
  /** Variables that the linker sets: what the programs call their version. */
  variables: Record<string, string>;
  /** Folder with a go.mod of ours, in place of a generated one. */
  source?: string;
}

export interface Copied {
  path: string;
  version: string;
  /** What it requires counts after all. */
  keepsRequirements?: boolean;
  /** A line that is left out of one of its files. */
  without?: { file: string; line: string };
  /** What its Go files say → what they shall say instead. */
  rewritten?: Record<string, string>;
  /** Of its zip, as in a go.sum, where the checksum database does not know it. */
  sum?: string;
}

/** The versions of Kubernetes that images are built for, newest first: one for each minor that clusters can have. */
export const kubernetesVersions: readonly string[] = ['v1.34.2', 'v1.33.5'];

const tagOf = (image: string): string => image.slice(image.lastIndexOf(':') + 1);
const newest = imagesOf(kubernetesVersions[0]!);

const componentVersion = (version: string): Record<string, string> =>
  Object.fromEntries(['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) => [
    [`${path}.gitVersion`, version],
    [`${path}.gitMajor`, '1'],
    [`${path}.gitMinor`, String(minorOf(version))],
    [`${path}.gitTreeState`, 'archive'],
  ]));

const kubernetes = (version: string): GoPrograms => ({
  name: `kubernetes-${version}`,
  modules: [{ path: 'k8s.io/kubernetes', version }],
  packages: Object.fromEntries(
    ['kubectl', 'kubelet', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy']
      .map((program) => [`k8s.io/kubernetes/cmd/${program}`, program])),
  variables: componentVersion(version),
});

/** registry.k8s.io's tag is etcd's version and a number of its own: 3.6.4-0. */
const etcd = (version: string): GoPrograms => {
  const tag = `v${tagOf(imagesOf(version).etcd).replace(/-\d+$/, '')}`;
  return {
    name: `etcd-${tag}`,
    modules: [{ path: 'go.etcd.io/etcd/server/v3', version: tag }, { path: 'go.etcd.io/etcd/etcdctl/v3', version: tag }],
    packages: { 'go.etcd.io/etcd/server/v3': 'etcd', 'go.etcd.io/etcd/etcdctl/v3': 'etcdctl' },
    variables: {},
  };
};

const cloudProviderPath = 'k8s.io/cloud-provider-openstack';
/**
 * First in the list of modules that are built beside Kubernetes: they all get the same dependencies, those of Kubernetes
 * and of the cloud provider, which are within a minor of their own. Without it each compiles Kubernetes' client anew.
 */
const beside = [
  { path: 'k8s.io/kubernetes', version: kubernetesVersions[0]! },
  { path: cloudProviderPath, version: tagOf(newest.cloudController) },
];

/** The plug-ins of CoreDNS that our Corefile and the conformance suite name; the others bring in three clouds' libraries. */
const corednsPlugins = [
  'cache', 'errors', 'file', 'forward', 'health', 'hosts', 'kubernetes', 'loadbalance', 'log', 'loop', 'metrics', 'ready', 'reload', 'rewrite', 'template',
];
const corednsMain = `package main

import (
	"github.com/coredns/coredns/coremain"
${corednsPlugins.map((plugin) => `	_ "github.com/coredns/coredns/plugin/${plugin}"`).join('\n')}
)

func main() { coremain.Run() }
`;

const coredns = (version: string): GoPrograms => {
  const tag = tagOf(imagesOf(version).coredns);
  return {
    name: `coredns-${tag}`,
    modules: beside,
    // The field is gone from newer clients, and was set to what it was anyway.
    copied: [{ path: 'github.com/coredns/coredns', version: tag, keepsRequirements: true, without: { file: 'plugin/kubernetes/object/informer.go', line: 'RetryOnError:     false,' } }],
    packages: { '.': 'coredns' },
    main: corednsMain,
    variables: {},
  };
};

const konnectivity = (): GoPrograms => {
  const version = tagOf(newest.konnectivityServer);
  const path = 'sigs.k8s.io/apiserver-network-proxy';
  return {
    name: `konnectivity-${version}`,
    modules: [beside[0]!, { path, version }, { path: `${path}/konnectivity-client`, version }],
    packages: { [`${path}/cmd/server`]: 'proxy-server', [`${path}/cmd/agent`]: 'proxy-agent' },
    variables: {},
  };
};

const cloudProvider = (): GoPrograms => {
  const version = tagOf(newest.cloudController);
  const path = cloudProviderPath;
  return {
    name: `cloud-provider-openstack-${version}`,
    modules: beside,
    packages: Object.fromEntries(['openstack-cloud-controller-manager', 'cinder-csi-plugin'].map((program) => [`${path}/cmd/${program}`, program])),
    variables: { 'k8s.io/component-base/version.gitVersion': version, [`${path}/pkg/version.Version`]: version },
  };
};

const csi = 'github.com/kubernetes-csi';

/** What the side-cars share, in the version that goes with these dependencies; its own are newer still, and not needed. */
const sidecarLibrary = { path: `${csi}/csi-lib-utils`, version: 'v0.24.0' };

const sidecar = (path: string, image: string, programs: string[], more: { path: string; version: string }[] = []): GoPrograms => {
  const version = tagOf(image);
  return {
    name: `${basename(path.replace(/\/v\d+$/, ''))}-${version}`,
    modules: [...beside, { path, version }, ...more],
    copied: [sidecarLibrary],
    packages: Object.fromEntries(programs.map((program) => [`${path}/cmd/${program}`, program])),
    variables: { 'main.version': version },
  };
};

/** The one version that is served asks for dependencies two minors newer than Kubernetes'; it works with those of the others. */
const attacher = (): GoPrograms => {
  const programs = sidecar(`${csi}/external-attacher/v4`, newest.csiAttacher, ['csi-attacher']);
  return { ...programs, modules: beside, copied: [programs.modules.at(-1)!, sidecarLibrary] };
};

/** Whether Calico itself is built, for its images, in the place of our stand-in. */
export const withCalico = process.env.MOORAGE_KUBE_CALICO === 'source';

/**
 * The newest Calico whose source the module proxy serves: release 3.28.5. Its images go by the name of the version that
 * our manifests ask for; the CRDs and rights of that one cover what this one asks of the API.
 */
const calico: GoPrograms = {
  name: 'calico-v3.28.5',
  modules: [{ path: 'github.com/projectcalico/calico', version: 'v1.11.0-cni-plugin.0.20250813170300-a0db560f0520' }],
  packages: {
    'github.com/projectcalico/calico/node/cmd/calico-node': 'calico-node',
    'github.com/projectcalico/calico/cni-plugin/cmd/calico': 'calico',
    'github.com/projectcalico/calico/cni-plugin/cmd/install': 'install',
    'github.com/projectcalico/calico/kube-controllers/cmd/kube-controllers': 'kube-controllers',
    'github.com/projectcalico/calico/kube-controllers/cmd/check-status': 'check-status',
  },
  replacements: { 'github.com/projectcalico/api': 'v0.0.0-20240708202104-e3f70b269c2c' },
  variables: {
    'github.com/projectcalico/calico/node/pkg/lifecycle/startup.VERSION': 'v3.28.5',
    'github.com/projectcalico/calico/node/buildinfo.GitVersion': 'v3.28.5',
    'main.VERSION': 'v3.28.5',
  },
};

/** The conformance suite, and the one image that nearly all of it runs in the cluster. */
export const endToEnd = (version: string): GoPrograms => ({
  name: `end-to-end-${version}`,
  modules: [{ path: 'k8s.io/kubernetes', version }],
  packages: { 'k8s.io/kubernetes/test/images/agnhost': 'agnhost' },
  tests: { 'k8s.io/kubernetes/test/e2e': 'e2e.test' },
  // With which agnhost speaks TLS.
  files: { 'test/images/agnhost/porter/localhost.crt': 'localhost.crt', 'test/images/agnhost/porter/localhost.key': 'localhost.key' },
  variables: componentVersion(version),
});

const autoscalerPath = 'k8s.io/autoscaler/cluster-autoscaler';
const provisioningRequests = `${autoscalerPath}/apis/provisioningrequest/autoscaling.x-k8s.io`;
/**
 * The newest cluster autoscaler whose source the module proxy serves, built with the minor of Kubernetes that it is of, for clouds that
 * answer over gRPC: its way by Magnum asks Heat for the nodes, which managed clusters have nothing to do with. Of its API of provisioning
 * requests, which are off unless asked for, v1beta1 alone is served; v1 has the same types and two names more.
 */
export const autoscaler: GoPrograms = {
  name: 'cluster-autoscaler-v1.33.0',
  modules: [{ path: 'k8s.io/kubernetes', version: 'v1.33.5' }, { path: `${autoscalerPath}/apis`, version: 'v0.0.0-20240627115740-d52e4b9665d7' }],
  copied: [{
    path: autoscalerPath, version: 'v0.0.0-20250613073258-1959f5f61f6c', sum: 'h1:gGUthCoel/TlD1fh33foTFCs1n75w8sqmpD3qf2zqk4=',
    rewritten: {
      [`\t"${provisioningRequests}/v1"`]: `\tv1 "${provisioningRequests}/v1beta1"`,
      '/autoscaling.x-k8s.io/v1"': '/autoscaling.x-k8s.io/v1beta1"',
      'AutoscalingV1()': 'AutoscalingV1beta1()',
      'Autoscaling().V1()': 'Autoscaling().V1beta1()',
      'v1.ProvisioningRequestPodAnnotationKey': '(v1.GroupName + "/consume-provisioning-request")',
      'v1.ProvisioningClassPodAnnotationKey': '(v1.GroupName + "/provisioning-class-name")',
    },
  }],
  packages: { [autoscalerPath]: 'cluster-autoscaler' },
  tags: ['externalgrpc'],
  variables: {},
};

/** Small programs of ours, where an upstream's module is not to be had from the module proxy: see its README. */
export const ownPrograms: GoPrograms = {
  name: 'own',
  modules: [],
  packages: {
    './pause': 'pause',
    './livenessprobe': 'livenessprobe',
    './csi-node-driver-registrar': 'csi-node-driver-registrar',
    './pod-network': 'pod-network',
  },
  variables: {},
  source: join(import.meta.dirname, 'programs'),
};

/** What a cluster of one version runs. */
export const programsOf = (version: string): GoPrograms[] => [
  kubernetes(version), etcd(version), konnectivity(), ownPrograms, cloudProvider(),
  sidecar(`${csi}/external-provisioner/v5`, newest.csiProvisioner, ['csi-provisioner'], [{ path: 'sigs.k8s.io/gateway-api', version: 'v1.4.1' }]),
  attacher(),
  sidecar(`${csi}/external-resizer`, newest.csiResizer, ['csi-resizer']),
  sidecar(`${csi}/external-snapshotter/v8`, newest.csiSnapshotter, ['csi-snapshotter', 'snapshot-controller']),
  coredns(version), ...(withCalico ? [calico] : []),
];

/** All, each once, in the order in which they are built: what the newest version needs comes first. */
export function goPrograms(): GoPrograms[] {
  const all = [...kubernetesVersions.flatMap(programsOf), endToEnd(kubernetesVersions[0]!), autoscaler];
  return all.filter(({ name }, index) => all.findIndex((one) => one.name === name) === index);
}
