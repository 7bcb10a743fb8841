/** The pods' network under the names of Calico's images: the reference CNI plug-ins and a small program of ours. */
import type { Images } from '../../layers/kubernetes/images.ts';
import { ownPrograms } from './go-modules.ts';
import type { ImageSource } from './image-source.ts';

const program = { from: ownPrograms.name, program: 'pod-network' };
export const referencePlugins = ['bandwidth', 'bridge', 'host-local', 'loopback', 'portmap', 'tuning'];
export const pluginFiles = (names: string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`/opt/cni/bin/${name}`, `/usr/lib/cni/${name}`]));

export const podNetworkImages = (names: Images): ImageSource[] => [
  { name: names.calicoNode, base: 'tools', programs: { '/bin/calico-node': program }, cmd: ['/bin/calico-node'] },
  { name: names.calicoCni, programs: { '/opt/cni/bin/install': program }, files: pluginFiles(referencePlugins), entrypoint: ['/opt/cni/bin/install'] },
  {
    name: names.calicoControllers, programs: { '/usr/bin/kube-controllers': program }, links: { '/usr/bin/check-status': 'kube-controllers' },
    entrypoint: ['/usr/bin/kube-controllers'], user: '999',
  },
];
