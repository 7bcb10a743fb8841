/** What this host needs before it can carry machines. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ensurePackages } from '../../kube-build/debian.ts';
import { run } from './command.ts';

/** What kube-proxy makes of the kernel's table of connections by default, and gives up where it may not. */
const connections = Math.max(131_072, 32_768 * availableParallelism());
const limitFile = '/proc/sys/net/netfilter/nf_conntrack_max';
const bucketsFile = '/sys/module/nf_conntrack/parameters/hashsize';

/**
 * Programs are installed, and the table of connections is as kube-proxy wants it: only the host's own network namespace may
 * say so, and a machine is in another. Throws, saying what to do, when this is not root or not that namespace.
 */
export async function prepareHost(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('Machines in namespaces need root.');
  await ensurePackages();
  await setTo(limitFile, connections, (found) => found === connections);
  await setTo(bucketsFile, connections / 4, (found) => found >= connections / 4);
}

async function setTo(file: string, value: number, isFine: (found: number) => boolean): Promise<void> {
  const read = (): number => Number(readFileSync(file, 'utf8'));
  if (isFine(read())) return;
  await run('sh', ['-c', `echo ${value} >${file}`]).catch(() => undefined);
  if (!isFine(read())) throw new Error(`${file} is ${read()}, and kube-proxy in a machine could not change it. In the host's own network namespace: echo ${value} >${file}`);
}
