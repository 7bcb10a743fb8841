/** Calico's images: its own programs, with Debian's packet filters and reference plug-ins. */
import type { Images } from '../../layers/kubernetes/images.ts';
import { moduleOf, type ImageSource } from './image-source.ts';
import { pluginFiles, referencePlugins } from './pod-network-images.ts';

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

export function calicoImages(names: Images, version: string): ImageSource[] {
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
      files: pluginFiles(referencePlugins),
      entrypoint: ['/opt/cni/bin/install'],
    },
    {
      name: names.calicoControllers,
      programs: { '/usr/bin/kube-controllers': of('kube-controllers'), '/usr/bin/check-status': of('check-status') },
      open: ['/status'], entrypoint: ['/usr/bin/kube-controllers'], user: '999',
    },
  ];
}
