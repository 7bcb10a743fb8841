/**
 * How large each function is and how long it takes to start: a process with its packaged bundle, against one with a
 * function that does nothing, taken in turns so that both see the same machine. Medians of `--runs` (9).
 *
 *     npm run bench:cold [-- --runs 21] [--only part-of-a-name]
 *
 * Exits 1 when an HTTP function takes more than six times as long as the empty one.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { bundle, type Entry } from '../../functions/bundle.ts';

const root = resolve(import.meta.dirname, '../..');
const { values: { runs, only } } = parseArgs({ options: { runs: { type: 'string', default: '9' }, only: { type: 'string', default: '' } } });
const mostForHttp = 6;

const folder = mkdtempSync(join(tmpdir(), 'moorage-cold-'));
try {
  process.exitCode = await measureAll();
} finally {
  rmSync(folder, { recursive: true });
}

async function measureAll(): Promise<number> {
  const http = entriesOf('functions/http/functions.yml');
  const entries = [...http, ...entriesOf('functions/engine/functions.yml'), ...stepEntries()].filter(({ name }) => name.includes(only));
  const bundles = await bundle(root, entries);
  const empty = write('empty.mjs', 'export const handler = async () => ({});');
  // Once without counting: the files are read from the disk then.
  start(empty, 'handler');
  let slow = 0;
  console.log(['function', 'kb', 'gzip_kb', 'start_ms', 'ratio_to_empty'].join('\t'));
  for (const { name, handler } of entries) {
    const [file, map] = bundles.get(name)!;
    write(map!.path, map!.contents);
    const { startMs, ratio } = measure(write(file!.path, file!.contents), handler.replace(/^.*\./, ''), empty);
    const isHttp = http.some((entry) => entry.name === name);
    if (isHttp && ratio > mostForHttp) slow++;
    const kb = (bytes: number) => String(Math.round(bytes / 1_024));
    console.log([name, kb(file!.contents.length), kb(gzipSync(file!.contents).length), startMs.toFixed(0), `${ratio.toFixed(2)}${isHttp && ratio > mostForHttp ? '  too slow' : ''}`].join('\t'));
  }
  console.log(`${http.length} HTTP functions, ${slow} over ${mostForHttp} times an empty one`);
  return slow > 0 ? 1 : 0;
}

function entriesOf(path: string): Entry[] {
  const definitions = parse(readFileSync(join(root, path), 'utf8'), { logLevel: 'silent' }) as Record<string, { handler: string }>;
  return Object.entries(definitions).map(([name, { handler }]) => ({ name, handler }));
}

function stepEntries(): Entry[] {
  const { functions } = createRequire(import.meta.url)('../../functions/steps/functions.cjs') as { functions: Record<string, { handler: string }> };
  return Object.entries(functions).map(([name, { handler }]) => ({ name, handler }));
}

function write(path: string, contents: string | Uint8Array): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
  return file;
}

function measure(file: string, name: string, empty: string): { startMs: number; ratio: number } {
  const times = { function: [] as number[], empty: [] as number[] };
  for (let run = 0; run < Number(runs); run++) {
    times.empty.push(start(empty, 'handler'));
    times.function.push(start(file, name));
  }
  const startMs = median(times.function);
  return { startMs, ratio: startMs / median(times.empty) };
}

/** Milliseconds from the start of a process until its handler is there, as the deployed runtime would start it. */
function start(file: string, name: string): number {
  const code = `if (typeof (await import(${JSON.stringify(pathToFileURL(file).href)})).${name} !== 'function') process.exit(1)`;
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['--enable-source-maps', '--input-type=module', '--eval', code], {
    env: { AWS_REGION: 'us-east-1', TABLE_PREFIX: 'moorage-', STAGE: 'bench' },
  });
  if (status !== 0) throw new Error(`${file} did not start:\n${stderr.toString()}`);
  return performance.now() - started;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
