/** The command-line clients, as their users run them: `openstack` of Debian's packages, and `kubectl`. */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Login } from '../../local/clouds.ts';
import { inKube } from '../../local/kube-build/cache.ts';
import { buildPrograms } from '../../local/kube-build/go-build.ts';
import { goPrograms } from '../../local/kube-build/go-modules.ts';

const run = promisify(execFile);
/** On a machine that has much else to do. */
const timeoutMs = 300_000;

/** What a command said; throws with all of it when it failed. */
async function said(program: string, args: readonly string[], env: Record<string, string>): Promise<string> {
  try {
    const { stdout, stderr } = await run(program, args, { env, timeout: timeoutMs, maxBuffer: 2 ** 26 });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new CommandFailed(`${program} ${args.join(' ')}: ${`${stdout}${stderr}`.trim() || message}`);
  }
}

/** A command ended with an error: its message is what the user read. */
export class CommandFailed extends Error {
  override name = 'CommandFailed';
}

export interface OpenStack {
  /** What it said. */
  say(...args: string[]): Promise<string>;
  /** What it said, as JSON. */
  json<T>(...args: string[]): Promise<T>;
  end(): void;
}

/**
 * `openstack`, logged in as that user; its catalogue says where services are. One process of it takes all commands, one
 * after the other, as at its own prompt: it takes seconds to start.
 */
export function openStack(authUrl: string, region: string, { username, password, userDomainName, projectName = '', projectDomainName = '' }: Login, home: string): OpenStack {
  const env = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: home, SHELL: '/bin/sh', LANG: 'C.UTF-8', PYTHONWARNINGS: 'ignore', PYTHONUNBUFFERED: '1',
    OS_AUTH_URL: authUrl, OS_USERNAME: username, OS_PASSWORD: password, OS_USER_DOMAIN_NAME: userDomainName, OS_PROJECT_NAME: projectName,
    OS_PROJECT_DOMAIN_NAME: projectDomainName, OS_REGION_NAME: region, OS_IDENTITY_API_VERSION: '3',
  };
  const shell = spawn('/usr/bin/openstack', [], { env, stdio: 'pipe' });
  const heard = { stdout: '', stderr: '' };
  let look = (): void => undefined;
  for (const stream of ['stdout', 'stderr'] as const) shell[stream].on('data', (chunk: Buffer) => { heard[stream] += chunk.toString(); look(); });
  shell.once('exit', () => { heard.stderr += 'The client has ended.'; look(); });

  let last: Promise<unknown> = Promise.resolve();
  let commands = 0;
  async function ask(args: readonly string[]): Promise<string> {
    // Unknown commands: it says so on either stream, after all that it had to say before.
    const mark = `mark-${++commands}`;
    const ends = { stdout: `openstack: '${mark}' is not an openstack command`, stderr: `Unknown command ['${mark}']` };
    shell.stdin.write(`${args.map(quoted).join(' ')}\n${mark}\nhelp ${mark}\n`);
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new CommandFailed(`openstack ${args.join(' ')}: nothing after ${timeoutMs / 1_000} s`)), timeoutMs);
      look = () => {
        const isEnd = (heard.stdout.includes(ends.stdout) && heard.stderr.includes(ends.stderr)) || shell.exitCode !== null;
        if (isEnd) { clearTimeout(late); resolve(); }
      };
      look();
    });
    const [out, wrong] = [heard.stdout.split(ends.stdout)[0]!, heard.stderr.split(ends.stderr)[0]!.trim()];
    heard.stdout = heard.stderr = '';
    if (isError(wrong)) throw new CommandFailed(`openstack ${args.join(' ')}: ${out.trim()} ${wrong}`);
    return out + wrong;
  }
  const say = (...args: string[]): Promise<string> => {
    const said = last.then(() => ask(args));
    last = said.catch(() => undefined);
    return said;
  };
  return { say, json: async <T>(...args: string[]) => JSON.parse((await say(...args, '-f', 'json')).replace(/^[^[{]*/, '')) as T, end: () => void shell.stdin.end('quit\n') };
}

/** What follows an unknown command on its stream is suggestions; those of the one before may still be there. */
const isError = (text: string): boolean => /\(HTTP \d+\)|error|Error|usage:|not found|No .* found|failed|has ended/.test(text);
const quoted = (text: string): string => (/^[\w./:=,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** kubectl with that kubeconfig. */
export const kubectl = async (kubeconfig: string, ...args: string[]): Promise<string> =>
  said(await kubectlPath(), ['--kubeconfig', kubeconfig, '--request-timeout=60s', ...args], { PATH: '/usr/bin:/bin', HOME: '/nonexistent' });

/** As `npm run kube:build` makes it; alone where that has not been run. */
async function kubectlPath(): Promise<string> {
  const all = goPrograms().find(({ packages }) => Object.values(packages).includes('kubectl'))!;
  const built = inKube('bin', all.name, 'kubectl');
  if (existsSync(built)) return built;
  const alone = { ...all, name: `kubectl-${all.modules[0]!.version}`, packages: Object.fromEntries(Object.entries(all.packages).filter(([, name]) => name === 'kubectl')) };
  const { stdout } = await run('go', ['env', 'GOVERSION']);
  console.log('kubectl is being built; this takes some minutes, once.');
  await buildPrograms(alone, stdout.trim());
  return join(inKube('bin', alone.name), 'kubectl');
}
