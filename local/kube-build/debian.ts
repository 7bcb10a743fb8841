/** What comes from Debian: programs for this machine, and the tools that some images need beside their own program. */
import { existsSync } from 'node:fs';
import { ensureMade, inKube, keyOf } from './cache.ts';
import { runProgram } from './run-program.ts';

/** A file that each package brings, by which it is known to be there. */
const packages: Record<string, string> = {
  containerd: '/usr/bin/containerd',
  runc: '/usr/sbin/runc',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  'busybox-static': '/bin/busybox',
  'bash-static': '/bin/bash-static',
  mmdebstrap: '/usr/bin/mmdebstrap',
  conntrack: '/usr/sbin/conntrack',
  iptables: '/usr/sbin/iptables',
  ipset: '/usr/sbin/ipset',
};

/** Debian's programs on this machine; installs what is missing, as root. True when it did. */
export async function ensurePackages(): Promise<boolean> {
  const missing = Object.keys(packages).filter((name) => !existsSync(packages[name]!));
  if (missing.length === 0) return false;
  const install = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'install', ...missing];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runProgram('apt-get', ['-qq', 'update'], { env });
  await runProgram('apt-get', install, { env });
  return true;
}

const shell = ['base-files', 'libc-bin', 'dash', 'bash', 'coreutils', 'grep', 'sed', 'mawk'];
/** What kube-proxy, calico-node and the Cinder CSI driver call: packet filters, mounts, file systems. */
const tools = [
  ...shell, 'iptables', 'ipset', 'conntrack', 'iproute2', 'mount',
  'util-linux', 'e2fsprogs', 'xfsprogs', 'udev', 'kmod', 'procps',
];

/** Left out of the layers: what no program of theirs reads. Those of the tests look names up with libraries that want ICU's. */
const unread = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info', 'usr/share/zsh', 'usr/lib/python3*', 'usr/share/python3', 'usr/bin/python3*', 'var/lib/dpkg', 'var/lib/apt', 'var/cache', 'boot', 'usr/bin/perl*', 'usr/lib/*/perl*', 'usr/lib/*/gconv', 'usr/lib/*/libicu*', 'usr/sbin/xfs_scrub*'];

/** Packages are unpacked, not configured: what their scripts would have done, as far as the tools need it. */
const settle = (name: string): string => `set -eu
cd "$1"
[ ! -e usr/sbin/xtables-nft-multi ] || for tool in iptables ip6tables; do
  for part in '' -save -restore; do ln -sf xtables-nft-multi "usr/sbin/$tool$part"; done
done
ln -sf mawk usr/bin/awk
mkdir -p etc/ssl/certs
cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
ldconfig -r .
rm -rf ${unread.filter((path) => name === 'tools' || !path.includes('libicu')).join(' ')}
`;

/** Layers of Debian's programs, by name. The second is for the conformance suite's own image. */
const layers = {
  tools,
  'test-tools': [...shell, 'curl', 'bind9-dnsutils', 'netcat-openbsd', 'iproute2', 'procps'],
};
export type DebianLayer = keyof typeof layers;

export const debianLayer = (name: DebianLayer): string => inKube('layers', `${name}.tar`);
export const debianLayerKey = (name: DebianLayer): string => keyOf({ packages: layers[name], settle: settle(name), suite: 'bookworm' });

/** Makes the layer, a tar, unless it is there; true when it did. */
export const ensureDebianLayer = (name: DebianLayer): Promise<boolean> =>
  ensureMade(debianLayer(name), debianLayerKey(name), async () => {
    await runProgram('mmdebstrap', [
      '--mode=root', '--variant=extract', `--include=${layers[name].join(',')}`, '--aptopt=Apt::Install-Recommends "false"',
      `--extract-hook=${settle(name)}`, 'bookworm', debianLayer(name),
    ], { isBackground: true });
  });
