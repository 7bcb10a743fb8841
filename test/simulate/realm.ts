/**
 * The world of one seed: the bundle of everything that runs, evaluated anew, with a clock, timers and chance of its own.
 * Nothing in it sees the real ones, so that the same seed gives the same history.
 */
import * as nodeCrypto from 'node:crypto';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import type { Clock } from './clock.ts';
import type { Chance } from './chance.ts';
import type { Inside } from './inside.ts';
import type { World } from './world.ts';

const require = createRequire(import.meta.url);
/** What the bundle would find as globals. */
const names = ['require', 'module', 'exports', 'process', 'console', 'Date', 'Math', 'performance', 'AbortSignal',
  'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'crypto', 'simulation'] as const;

export type Program = (...values: unknown[]) => void;

/** Compiles the bundle once; `enter` runs it for each seed. */
export const compile = (text: string): Program => compileFunction(text, names) as Program;

/** Everything that runs, in a world of its own. */
export function enter(program: Program, world: World, env: Record<string, string>): Inside {
  const { clock, chance } = world;
  const module = { exports: {} as Inside };
  const timers = timersOf(clock);
  const crypto = { ...nodeCrypto, ...chanceOf(chance) };
  const load = (name: string): unknown => {
    if (name === 'node:crypto' || name === 'crypto') return crypto;
    if (name === 'node:timers/promises') return { setTimeout: (ms: number, value: unknown) => new Promise((resolve) => timers.setTimeout(() => resolve(value), ms)) };
    return require(name);
  };
  const values: Record<(typeof names)[number], unknown> = {
    require: load, module, exports: module.exports, simulation: world,
    process: { env, platform: 'linux', argv: [], versions: process.versions, cwd: () => '/', once: () => {}, on: () => {}, emitWarning: () => {},
      getBuiltinModule: load, nextTick: process.nextTick, hrtime: process.hrtime, stdout: process.stdout, stderr: process.stderr },
    console: Object.fromEntries(['log', 'info', 'warn', 'error', 'debug'].map((level) => [level, (...said: unknown[]) => world.logged(said)])),
    Date: dateOf(clock), Math: mathOf(chance), performance: { now: () => clock.now() }, AbortSignal: abortSignalOf(timers),
    ...timers, setImmediate: (act: () => void) => timers.setTimeout(act, 0), crypto,
  };
  program(...names.map((name) => values[name]));
  return module.exports;
}

function dateOf(clock: Clock): DateConstructor {
  return class extends Date {
    constructor(...parts: unknown[]) {
      super(...(parts.length === 0 ? [clock.now()] : parts) as [number]);
    }

    static override now(): number { return clock.now(); }
  } as unknown as DateConstructor;
}

function mathOf(chance: Chance): Math {
  const math = Object.create(Math) as Math;
  math.random = () => chance.next();
  return math;
}

function timersOf(clock: Clock) {
  // As of Node's, whoever holds one may say whether it keeps the process alive.
  const handle = (cancel: () => void) => ({ cancel, ref() { return this; }, unref() { return this; }, hasRef: () => true });
  const clear = (timer?: { cancel?: () => void }): void => timer?.cancel?.();
  return {
    setTimeout: (act: (...values: unknown[]) => void, ms = 0, ...values: unknown[]) => handle(clock.after(ms, () => act(...values))),
    setInterval(act: () => void, ms: number) {
      let cancel = (): void => {};
      const again = (): void => { cancel = clock.after(ms, () => { again(); act(); }); };
      again();
      return handle(() => cancel());
    },
    clearTimeout: clear, clearInterval: clear,
  };
}

/** One for all: most are for requests that were answered long ago, and what is said with it is the same each time. */
const timeoutError = new DOMException('The operation timed out', 'TimeoutError');

function abortSignalOf({ setTimeout }: ReturnType<typeof timersOf>): typeof AbortSignal {
  return new Proxy(AbortSignal, {
    get(target, property) {
      if (property !== 'timeout') return Reflect.get(target, property) as unknown;
      return (ms: number) => {
        const controller = new AbortController();
        setTimeout(() => controller.abort(timeoutError), ms);
        return controller.signal;
      };
    },
  });
}

function chanceOf(chance: Chance) {
  const bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => Math.floor(chance.next() * 256)));
  return {
    randomBytes: bytes,
    randomInt: (low: number, high?: number) => (high === undefined ? chance.whole(0, low - 1) : chance.whole(low, high - 1)),
    randomUUID: () => bytes(16).toString('hex').replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, '$1-$2-4$3-a$4-$5'),
    getRandomValues: <T extends Uint8Array>(array: T): T => { array.set(bytes(array.length)); return array; },
  };
}
