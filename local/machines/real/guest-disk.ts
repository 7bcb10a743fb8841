/** A machine's boot disk: a folder that starts as a copy of the image and as what the cloud-init data adds to it. */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import type { FirstBoot } from './cloud-init.ts';

/** Where a path of the machine is on this host: /usr is the host's, all but /usr/local. */
export function onDisk(machineDir: string, path: string): string {
  if (path.startsWith('/usr/local/')) return join(machineDir, 'disk/local', path.slice('/usr/local/'.length));
  if (path.startsWith('/usr/')) throw new Error(`${path}: /usr cannot be written`);
  return join(machineDir, 'disk', path);
}

/** Whether it has booted before. */
export const isInstalled = (machineDir: string): boolean => existsSync(join(machineDir, 'installed'));

/** What containerd writes to in its folder; the rest it only adds to. */
export const containerdBooks = ['io.containerd.metadata.v1.bolt', 'io.containerd.snapshotter.v1.overlayfs/metadata.db'];

/** A copy of a folder whose files are links to the first one's, all but those of `own`. */
export async function linkCopy(from: string, to: string, own: readonly string[]): Promise<void> {
  mkdirSync(to, { recursive: true });
  await run('cp', ['-a', '--link', `${from}/.`, to]);
  for (const path of own) {
    if (!existsSync(join(to, path))) continue;
    rmSync(join(to, path), { recursive: true });
    await run('cp', ['-a', join(from, path), join(to, path)]);
  }
}

/**
 * The disk is there, as before its first boot. Layers of container images are hard links to the image's: containerd never
 * writes to them, and machines share the memory they are read into. Its own books are copies.
 */
export async function installDisk(machineDir: string, imageDir: string, boot: FirstBoot): Promise<void> {
  rmSync(machineDir, { recursive: true, force: true });
  for (const folder of ['root', 'cgroup', 'disk']) mkdirSync(join(machineDir, folder), { recursive: true });
  const disk = join(machineDir, 'disk');
  await linkCopy(join(imageDir, 'disk'), disk, ['etc', ...containerdBooks.map((path) => join('var/lib/containerd', path))]);
  writeFileSync(join(disk, 'etc/hostname'), `${boot.hostname}\n`);
  writeFileSync(join(disk, 'etc/hosts'), `127.0.0.1 localhost\n127.0.1.1 ${boot.hostname}\n`);
  const script = { path: '/var/lib/cloud/instance/scripts/runcmd', content: boot.script, mode: 0o700 };
  for (const { path, content, mode } of [...boot.files, script]) {
    const file = onDisk(machineDir, path);
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  }
  writeFileSync(join(machineDir, 'installed'), '');
}
