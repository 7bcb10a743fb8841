/** Cinder volumes: a sparse file each, which a machine sees as a disk of its own, through a loop device, while attached. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hold, release, run } from './command.ts';
import type { Attachment, Wiring } from './real-cloud.ts';

export class Volumes {
  readonly #dir: string;
  /** Of each volume that is attached just now: its loop device, and the process that keeps it. */
  readonly #loops = new Map<string, { device: string; keeper: ChildProcess }>();

  constructor(dataDir: string) {
    this.#dir = join(dataDir, 'volumes');
    mkdirSync(this.#dir, { recursive: true });
  }

  /** The machine (its first process) has those disks and no others; boot disks are folders, and no part of this. */
  async plug(pid: number, attachments: readonly Attachment[], plugged: Map<string, string>): Promise<void> {
    const wanted = new Map(attachments.filter(({ device }) => !device.endsWith('da')).map((one) => [one.volumeId, one]));
    for (const [volumeId, device] of plugged) {
      if (wanted.has(volumeId)) continue;
      await this.#inMachine(pid, `rm -f /dev/disk/by-id/virtio-${volumeId.slice(0, 20)} ${device}`);
      plugged.delete(volumeId);
      await this.detach(volumeId);
    }
    for (const [volumeId, { gib, device }] of wanted) {
      if (plugged.has(volumeId)) continue;
      const loop = await this.#attach(volumeId, gib);
      const minor = loop.slice('/dev/loop'.length);
      await this.#inMachine(pid, `rm -f ${device}; mknod -m 660 ${device} b 7 ${minor}; ln -sf ../../${basename(device)} /dev/disk/by-id/virtio-${volumeId.slice(0, 20)}`);
      plugged.set(volumeId, device);
    }
  }

  /** No machine has it any more. */
  async detach(volumeId: string): Promise<void> {
    const loop = this.#loops.get(volumeId);
    this.#loops.delete(volumeId);
    if (loop) await release(loop.keeper);
  }

  /** Forgets what is on volumes that are gone. */
  async follow({ volumeIds }: Wiring): Promise<void> {
    for (const file of readdirSync(this.#dir)) {
      const volumeId = basename(file, '.img');
      if (volumeIds.has(volumeId)) continue;
      await this.detach(volumeId);
      rmSync(join(this.#dir, file), { force: true });
    }
  }

  async close(): Promise<void> {
    for (const volumeId of this.#loops.keys()) await this.detach(volumeId);
  }

  async #attach(volumeId: string, gib: number): Promise<string> {
    const known = this.#loops.get(volumeId);
    if (known) return known.device;
    const file = join(this.#dir, `${volumeId}.img`);
    if (!existsSync(file)) {
      writeFileSync(file, '');
      truncateSync(file, gib * 2 ** 30);
    }
    const device = (await run('losetup', ['--find', '--show', file])).trim();
    // Detached while somebody has it open, it goes by itself with the last one who has: nothing is left, however this ends.
    const keeper = hold('sh', ['-c', 'exec 3<"$0"; echo open; exec sleep infinity', device], ['ignore', 'pipe', 'ignore']);
    await once(keeper.stdout!, 'data');
    await run('losetup', ['--detach', device]);
    this.#loops.set(volumeId, { device, keeper });
    return device;
  }

  #inMachine(pid: number, script: string): Promise<string> {
    return run('nsenter', ['--target', String(pid), '--mount', 'sh', '-c', script]);
  }
}
