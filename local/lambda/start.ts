/** Runs the service's functions in a process of their own, as serverless-offline, on free ports of the loopback interface. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Options, Ready } from './plugin.ts';

export interface StartOptions {
  /** Keeps the tables and the local key; the same directory again, and everything goes on. */
  dataDir: string;
  /** Free one when not given. */
  httpPort?: number;
  /** What the functions find in their environment, beyond what serverless.yml gives them. */
  env: Record<string, string>;
  /** Every line the functions write. */
  log: (line: string) => void;
  /** Schedules run this many times as often: 12 makes every minute every five seconds. */
  hurry?: number;
  /** Of the queues, instead of the deployed six times the function's timeout. */
  visibilityTimeoutS?: number;
  /** Functions may take as long as they need: for a machine that is busy with other things. */
  unlimited?: boolean;
}

export interface Functions extends Ready {
  pid: number;
  /** Ends when the process does, for whatever reason. */
  ended: Promise<void>;
  /** Lets running functions finish. */
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');

/** Resolves when HTTP requests are answered. The process ends with this one, however this one ends. */
export async function startFunctions({ dataDir, httpPort, env, log, hurry = 1, visibilityTimeoutS = 30, unlimited = false }: StartOptions): Promise<Functions> {
  mkdirSync(dataDir, { recursive: true });
  const options: Options = { dataDir: resolve(dataDir), ...(httpPort && { httpPort }), hurry, visibilityTimeoutS };
  const child = spawn(process.execPath, [join(root, 'node_modules/serverless/bin/serverless.js'), 'offline', 'start', '--stage', 'local', ...(unlimited ? ['--noTimeout'] : [])], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...environment(), ...env,
      MOORAGE_RUN: 'local', LOCAL_LAMBDA: JSON.stringify(options), LOCAL_KEY: localKey(dataDir), SLS_LOG_LEVEL: 'warning',
    },
  });
  const last: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line);
      if (last.length > 20) last.shift();
      log(line);
    });
  }
  const ended = once(child, 'exit').then(() => undefined);
  const ready = await Promise.race([once(child, 'message').then(([message]) => message as Ready), ended]);
  if (!ready) throw new Error(`The functions did not start:\n${last.join('\n')}`);
  return {
    ...ready, pid: child.pid!, ended,
    stop: async () => { child.kill('SIGTERM'); await ended; },
  };
}

/** Nothing of the surroundings reaches the functions but what a process needs. */
const environment = (): Record<string, string | undefined> => ({ PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, TZ: 'UTC' });

/** Made once for a data directory: what is encrypted in its tables stays readable. */
function localKey(dataDir: string): string {
  const path = join(dataDir, 'key');
  if (!existsSync(path)) writeFileSync(path, randomBytes(32).toString('base64'), { mode: 0o600 });
  return readFileSync(path, 'utf8');
}
