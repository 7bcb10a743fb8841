/** One machine: a server's namespaces, disk and console. It comes up by its cloud-init data alone. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hold, release, run } from './command.ts';
import { firstBoot } from './cloud-init.ts';
import { installDisk, isInstalled, onDisk } from './guest-disk.ts';

const stages = join(import.meta.dirname, 'image');
const startMs = 60_000;

/** An interface as Nova describes it to the machine. */
export interface Interface { name: string; macAddress: string; addresses: string[]; gateway: string | null; dnsServers: string[]; mtu: number }

export class Guest {
  readonly serverId: string;
  readonly name: string;
  readonly dir: string;
  /** Device of each volume that it has. */
  readonly plugged = new Map<string, string>();
  readonly #cgroup: string;
  #holder: ChildProcess & { pid: number } | undefined;
  /** Of its first process, as this host counts. */
  pid = 0;

  constructor(server: { id: string; name: string }, dataDir: string) {
    this.serverId = server.id;
    this.name = server.name;
    this.dir = join(dataDir, 'machines', server.id);
    this.#cgroup = `moorage-${server.id.slice(0, 13)}`;
  }

  get runs(): boolean {
    return this.#holder !== undefined && this.#holder.exitCode === null && this.#holder.signalCode === null;
  }

  /** Its namespaces are there and its first process waits; nothing has booted yet. */
  async powerOn(imageDir: string, userData: string, interfaces: readonly Interface[]): Promise<void> {
    const boot = firstBoot(userData);
    if (!isInstalled(this.dir)) {
      await installDisk(this.dir, imageDir, boot);
      // As cloud-init and netplan write them: files of the cluster's sort before these.
      for (const one of interfaces) this.#write(`/etc/systemd/network/10-netplan-${one.name}.network`, networkFile(one));
    }
    const output = openSync(join(this.dir, 'power.log'), 'a');
    this.#holder = hold('unshare', ['--mount', '--propagation', 'private', 'bash', join(stages, 'enter'), this.dir, this.#cgroup], ['ignore', output, output]);
    closeSync(output);
    this.pid = await this.#firstProcess(this.#holder);
  }

  /** Boots, with what the cloud tells it of itself. Resolves at once: the console shows how it goes. */
  async boot(): Promise<void> {
    const booted = onDisk(this.dir, '/var/lib/cloud/booted');
    const which = existsSync(booted) ? 'again' : 'first';
    writeFileSync(booted, '');
    await this.inside(`mkdir -p /run/cloud-init; printf %s ${this.serverId} >/run/cloud-init/instance_id; echo 'boot ${which}' >/run/initctl`);
  }

  /** As when the current is cut; the disk stays. */
  async powerOff(): Promise<void> {
    if (!this.#holder) return;
    await release(this.#holder);
    this.#holder = undefined;
    this.plugged.clear();
    await run('unshare', ['--mount', '--propagation', 'private', 'bash', join(stages, 'leave'), this.dir, this.#cgroup]).catch(() => {});
  }

  /** A few words in its mount namespace; what is to last must be asked of its first process. */
  inside(script: string): Promise<string> {
    return run('nsenter', ['--target', String(this.pid), '--mount', 'sh', '-c', script]);
  }

  console(): string {
    const files = [join(this.dir, 'power.log'), onDisk(this.dir, '/var/log/console')];
    return files.filter(existsSync).map((file) => readFileSync(file, 'utf8')).join('');
  }

  #write(path: string, content: string): void {
    mkdirSync(onDisk(this.dir, path.slice(0, path.lastIndexOf('/'))), { recursive: true });
    writeFileSync(onDisk(this.dir, path), content);
  }

  async #firstProcess(holder: { pid: number }): Promise<number> {
    for (const end = Date.now() + startMs; Date.now() < end && this.runs;) {
      const children = readChildren(holder.pid);
      if (children[0] !== undefined && await isUp(children[0])) return children[0];
      await pause(50);
    }
    throw new Error(`${this.name} does not start: ${readFileSync(join(this.dir, 'power.log'), 'utf8').trim().split('\n').at(-1)}`);
  }
}

function readChildren(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
}

/** Its pipe is the last thing that the first process makes before it listens. */
const isUp = (pid: number): Promise<boolean> =>
  run('nsenter', ['--target', String(pid), '--mount', 'test', '-p', '/run/initctl']).then(() => true, () => false);

const networkFile = ({ name, macAddress, addresses, gateway, dnsServers, mtu }: Interface): string => [
  '[Match]', `MACAddress=${macAddress}`, `Name=${name}`, '[Link]', `MTUBytes=${mtu}`, '[Network]',
  ...addresses.map((address) => `Address=${address}`), ...(gateway ? [`Gateway=${gateway}`] : []), ...dnsServers.map((server) => `DNS=${server}`), '',
].join('\n');
