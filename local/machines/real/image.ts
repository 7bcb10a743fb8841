/**
 * The image that machines boot from: kubelet of one Kubernetes version, container images unpacked, CNI plug-ins, and what
 * stands for systemd where there is none. As an operator's image would be: nothing in it knows of any cluster.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { imagesOf } from '../../../layers/kubernetes/images.ts';
import { containerdBooks, linkCopy } from './guest-disk.ts';
import { imagePath } from '../../kube-build/build-image.ts';
import { inKube } from '../../kube-build/cache.ts';
import { programPath } from '../../kube-build/go-build.ts';
import { suiteImages } from '../../kube-build/suite-images.ts';
import { hold, release, run } from './command.ts';

const stages = join(import.meta.dirname, 'image');
/** containerd's sandbox, and what the conformance suite's pods run that do nothing. */
const pauseImages = ['registry.k8s.io/pause:3.8', 'registry.k8s.io/pause:3.10.1'];
/** For whoever tries a cluster: there is no registry. */
const busyboxImage = 'docker.io/library/busybox:1.35';

const ensured = new Map<string, Promise<string>>();

/** The folder of the image for that version, made if it is not there or out of date. Throws when nothing has been built. */
export function ensureImage(version: string): Promise<string> {
  const found = ensured.get(version) ?? makeImage(version);
  ensured.set(version, found);
  found.catch(() => ensured.delete(version));
  return found;
}

async function makeImage(version: string): Promise<string> {
  const built = programPath(`kubernetes-${version}`, 'kubelet');
  if (!existsSync(built)) throw new Error(`${built} does not exist: npm run kube:build makes it.`);
  const tars = tarsOf(version);
  const digest = createHash('sha256');
  for (const file of [built, ...tars]) digest.update(`${file} ${statSync(file).mtimeMs}\n`);
  for (const file of readdirSync(stages).toSorted()) digest.update(readFileSync(join(stages, file)));
  const folder = inKube('machine', `${version}-${digest.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.making`;
  await rm(making);
  await lay(join(making, 'disk'), built);
  const store = inKube('machine', `${version}-store`);
  await loadImages(store, tars);
  await linkCopy(store, join(making, 'disk/var/lib/containerd'), containerdBooks);
  renameSync(making, folder);
  return folder;
}

/** What is built of the version's images, and of the conformance suite's; a pod whose image is not there says so by itself. */
function tarsOf(version: string): string[] {
  return [...pauseImages, busyboxImage, ...Object.values(imagesOf(version)), ...suiteImages.map(({ name }) => name)].map(imagePath).filter(existsSync);
}

/** Folders as on any machine, none of this host's settings but what programs of /usr need. */
async function lay(disk: string, kubelet: string): Promise<void> {
  for (const folder of ['etc/containerd', 'etc/cni/net.d', 'etc/kubernetes', 'etc/systemd/network', 'etc/systemd/system/multi-user.target.wants', 'etc/tmpfiles.d',
    'var/lib/kubelet', 'var/log', 'var/tmp', 'var/cache', 'opt/cni/bin', 'root', 'home', 'tmp',
    'local/bin', 'local/sbin', 'local/lib/moorage', 'local/lib/kubelet/settings', 'local/lib/systemd/system',
    // A host in a container may have no folder of kernel modules; kube-proxy's pod mounts it.
    'usr/local', 'usr/lib/systemd', 'usr/lib/modules']) mkdirSync(join(disk, folder), { recursive: true });
  await run('cp', ['-a', '/usr/lib/cni/.', join(disk, 'opt/cni/bin')]);
  for (const name of ['alternatives', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'passwd', 'group', 'nsswitch.conf', 'protocols', 'services', 'mke2fs.conf', 'ssl', 'iproute2', 'ethertypes', 'xattr.conf', 'login.defs']) {
    if (existsSync(join('/etc', name))) await run('cp', ['-a', join('/etc', name), join(disk, 'etc', name)]);
  }
  const place = (name: string, to: string): void => cpSync(join(stages, name), join(disk, to), { mode: 0, preserveTimestamps: true });
  for (const name of ['init', 'boot', 'unit']) place(name, `local/lib/moorage/${name}`);
  // The one program of systemd that is called by its path.
  place('networkd-wait-online', 'usr/lib/systemd/systemd-networkd-wait-online');
  for (const name of ['systemctl', 'networkctl', 'udevadm', 'cloud-init', 'kubelet']) place(name, `local/bin/${name}`);
  place('kubelet.service', 'local/lib/systemd/system/kubelet.service');
  place('10-machine.conf', 'local/lib/kubelet/settings/10-machine.conf');
  place('containerd.toml', 'etc/containerd/config.toml');
  await run('cp', ['--link', kubelet, join(disk, 'local/lib/kubelet/kubelet')]);
  symlinkSync('/lib/systemd/system/containerd.service', join(disk, 'etc/systemd/system/multi-user.target.wants/containerd.service'));
  symlinkSync('/run/systemd/resolve/resolv.conf', join(disk, 'etc/resolv.conf'));
  writeFileSync(join(disk, 'etc/fstab'), '');
  writeFileSync(join(disk, 'etc/machine-id'), '');
}

/**
 * Images as containerd keeps them, unpacked, by a containerd that runs for just that. What has been loaded before stays,
 * so that an image that is new or other than before does not cost the time of all.
 */
async function loadImages(root: string, all: readonly string[]): Promise<void> {
  const stampFile = `${root}.json`;
  const loaded = (existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {}) as Record<string, number>;
  const tars = all.filter((tar) => loaded[tar] !== statSync(tar).mtimeMs);
  if (tars.length === 0) return;
  // A socket's path has a hundred characters at most.
  const state = mkdtempSync(join(tmpdir(), 'moorage-image-'));
  const socket = join(state, 'containerd.sock');
  const config = join(state, 'config.toml');
  writeFileSync(config, 'version = 2\noom_score = 0\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  const daemon = hold('containerd', ['--config', config, '--root', root, '--state', join(state, 'run'), '--address', socket]);
  try {
    const ctr = (...args: string[]): Promise<string> => run('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], { timeoutMs: 300_000 });
    for (let tries = 0; ; tries += 1) {
      try {
        await ctr('version');
        break;
      } catch (error) {
        if (tries > 100) throw error;
        await pause(100);
      }
    }
    for (const tar of tars) {
      const { mtimeMs } = statSync(tar);
      await ctr('images', 'import', tar);
      loaded[tar] = mtimeMs;
      writeFileSync(stampFile, JSON.stringify(loaded));
    }
  } finally {
    daemon.kill('SIGTERM');
    await new Promise((resolve) => (daemon.exitCode === null ? daemon.once('exit', resolve) : resolve(undefined)));
    await release(daemon);
    rmSync(state, { recursive: true, force: true });
  }
}

const rm = (folder: string): Promise<string> => run('rm', ['-rf', folder]);
