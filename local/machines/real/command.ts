/** Programs of this host that build namespaces, networks and disks: run to their end, within a limit, or held open. */
import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';

const limitMs = 120_000;

export class CommandFailed extends Error {
  override name = 'CommandFailed';
}

/** Resolves with what the program wrote; rejects with CommandFailed and its complaint. `input` goes to its standard input. */
export function run(program: string, args: readonly string[], { input, timeoutMs = limitMs }: { input?: string; timeoutMs?: number } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: timeoutMs, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error) reject(new CommandFailed(`${program} ${args.join(' ')}: ${(stderr || error.message).trim()}`));
      else resolve(stdout);
    });
    // A program that has ended already says why by its own.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
}

/** In the network namespace of that process. */
export const inNetworkOf = (pid: number, program: string, args: readonly string[], options?: { input?: string }): Promise<string> =>
  run('nsenter', ['--target', String(pid), '--net', program, ...args], options);

/** `ip` commands, one a line, all of them or an error. */
export const ip = (pid: number, lines: readonly string[]): Promise<string> =>
  lines.length === 0 ? Promise.resolve('') : inNetworkOf(pid, 'ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });

/** A process that ends with this one, however this one ends. */
export function hold(program: string, args: readonly string[], stdio: StdioOptions = 'ignore'): ChildProcess & { pid: number } {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], { stdio });
  if (child.pid === undefined) throw new CommandFailed(`${program} does not start`);
  return child as ChildProcess & { pid: number };
}

/** Kills it and resolves when it is gone. */
export async function release(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
