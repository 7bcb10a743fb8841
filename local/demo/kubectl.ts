/** kubectl as a user has it: the program that kube:build made, with the kubeconfig that Moorage gave. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { programPath } from '../kube-build/go-build.ts';

export interface Kubectl {
  /** Resolves with what it printed; rejects with its complaint. `input` is for `-f -`. */
  (args: readonly string[], input?: string): Promise<string>;
  /** One that goes on until it is killed, such as port-forward. */
  start(args: readonly string[]): ChildProcess;
  /** The same, put behind the beginning of a command line: to run elsewhere than here. */
  behind(prefix: readonly string[]): Kubectl;
}

const limitMs = 660_000;

/** `version` with its v; the kubeconfig is written to `path`, for its owner's eyes alone. */
export function openKubectl(version: string, kubeconfig: string, path: string): Kubectl {
  writeFileSync(path, kubeconfig, { mode: 0o600 });
  return kubectlBehind([], programPath(`kubernetes-${version}`, 'kubectl'), path);
}

function kubectlBehind(prefix: readonly string[], kubectl: string, path: string): Kubectl {
  const [program, ...first] = [...prefix, kubectl, `--kubeconfig=${path}`] as const;
  const withConfig = (args: readonly string[]): string[] => [...first, ...args];
  const call = (args: readonly string[], input?: string): Promise<string> => new Promise((resolve, reject) => {
    const child = execFile(program, withConfig(args), { timeout: limitMs, maxBuffer: 16 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`kubectl ${args.join(' ')}: ${(stderr || error.message).trim()}`));
      else resolve(stdout);
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
  });
  return Object.assign(call, {
    behind: (more: readonly string[]) => kubectlBehind([...more, ...prefix], kubectl, path),
    start: (args: readonly string[]) => spawn(program, withConfig(args), { stdio: ['ignore', 'pipe', 'pipe'] }) });
}
