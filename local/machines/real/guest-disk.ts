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

/**
 * The disk is there, as before its first boot. Layers of container images are hard links to the image's: containerd never
 * writes to them, and machines share the memory they are read into. Its own books are copies.
 */
export async function installDisk(machineDir: string, imageDir: string, boot: FirstBoot): Promise<void> {
  rmSync(machineDir, { recursive: true, force: true });
  for (const folder of ['root', 'cgroup', 'disk']) mkdirSync(join(machineDir, folder), { recursive: true });
  const disk = join(machineDir, 'disk');
  await run('cp', ['-a', '--link', `${join(imageDir, 'disk')}/.`, disk]);
  // Written to: copies of their own.
  for (const own of ['etc', 'var/lib/containerd/io.containerd.metadata.v1.bolt', 'var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/metadata.db']) {
    if (!existsSync(join(disk, own))) continue;
    rmSync(join(disk, own), { recursive: true });
    await run('cp', ['-a', join(imageDir, 'disk', own), join(disk, own)]);
  }
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
