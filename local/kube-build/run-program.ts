/** Runs a program of the build to its end, with what it says kept for the error. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Gives the processor to everyone else first: the builds take long. */
  isBackground?: boolean;
}

/** Its standard output. Throws with the last lines of what it said when it ends with anything but 0. */
export async function runProgram(command: string, args: string[], { cwd, env, isBackground }: RunOptions = {}): Promise<string> {
  const [file, ...rest] = isBackground ? ['nice', '-n', '10', command, ...args] : [command, ...args];
  const child = spawn(file!, rest, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); said = (said + chunk.toString()).slice(-8_000); });
  child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-8_000); });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return out;
  throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${code}:\n${said.trim().split('\n').slice(-25).join('\n')}`);
}
