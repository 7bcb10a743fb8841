/**
 * `npm run kube:build [-- --newest]`: Kubernetes' own programs, and container images of them, from pinned versions of their source, in
 * a folder that all clones of this machine share. Whatever is there already is left alone: a second run takes seconds.
 * `--check` builds nothing: it says what is missing, and ends with 69 when anything is.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureImage, isImageMade, writeIndex } from './build-image.ts';
import { inKube, isMade, kubeDirectory } from './cache.ts';
import { ensurePackages } from './debian.ts';
import { buildPrograms, folderOf, programsKey } from './go-build.ts';
import { goPrograms, kubernetesVersions, programsOf, type GoPrograms } from './go-modules.ts';
import type { ImageSource } from './image-source.ts';
import { imageSources } from './images.ts';
import { runProgram } from './run-program.ts';

const { values } = parseArgs({ options: { newest: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } } });
const started = performance.now();
const minutes = (since: number): string => {
  const seconds = Math.round((performance.now() - since) / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};
const say = (line: string): void => console.log(line);

/** One build at a time: a second run waits for the first, and finds its work done. */
function takeTurns(): void {
  if (process.env.MOORAGE_KUBE_TURN) return;
  mkdirSync(kubeDirectory, { recursive: true });
  const { status } = spawnSync('flock', [inKube('lock'), process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit', env: { ...process.env, MOORAGE_KUBE_TURN: '1' },
  });
  process.exit(status ?? 1);
}

interface Wanted { goVersion: string; all: GoPrograms[]; images: ImageSource[]; keys: Map<string, string> }

async function wanted(): Promise<Wanted> {
  const goVersion = (await runProgram('go', ['env', 'GOVERSION'])).trim();
  const all = values.newest ? programsOf(kubernetesVersions[0]!) : goPrograms();
  const names = new Set(all.map(({ name }) => name));
  const images = imageSources().filter(({ programs }) => Object.values(programs).every(({ from }) => names.has(from)));
  return { goVersion, all, images, keys: new Map(all.map((programs) => [programs.name, programsKey(programs, goVersion)])) };
}

async function check(): Promise<void> {
  const { all, images, keys } = await wanted();
  const missing = [
    ...all.filter((programs) => !isMade(folderOf(programs), keys.get(programs.name)!)).map(({ name }) => name),
    ...images.filter((source) => !isImageMade(source, (name) => keys.get(name)!)).map(({ name }) => name),
  ];
  say(missing.length === 0 ? `kube:build: all is there, ${all.length} modules, ${images.length} images` : `kube:build: not there, or out of date: ${missing.join(', ')}`);
  if (missing.length > 0) process.exitCode = 69;
}

async function build(): Promise<void> {
  const { goVersion, all, images, keys } = await wanted();
  say(`Into ${kubeDirectory}, with ${goVersion}`);
  if (await ensurePackages()) say('Debian: containerd, runc, the CNI plug-ins and tools are installed');
  const built = new Set<string>();
  for (const programs of all) {
    await buildModule(programs, goVersion);
    built.add(programs.name);
    // As soon as all that is in them is there: others wait for the first of them.
    await makeImages(images.filter(({ programs: parts }) => Object.values(parts).every(({ from }) => built.has(from))), keys);
  }
  writeIndex(images.map(({ name }) => name));
  say(`kube:build: ok, ${all.length} modules, ${images.length} images, ${minutes(started)}`);
}

async function buildModule(programs: GoPrograms, goVersion: string): Promise<void> {
  const since = performance.now();
  const names = [...Object.values(programs.packages), ...Object.values(programs.tests ?? {})].join(', ');
  const timer = setInterval(() => say(`  ${programs.name}: still building after ${minutes(since)}`), 60_000);
  try {
    const isNew = await buildPrograms(programs, goVersion);
    if (isNew) say(`${programs.name}: ${names} built in ${minutes(since)}`);
  } finally {
    clearInterval(timer);
  }
}

async function makeImages(sources: ImageSource[], keys: Map<string, string>): Promise<void> {
  for (const source of sources) {
    if (await ensureImage(source, (name) => keys.get(name)!)) say(`  image ${source.name}`);
  }
}

if (!values.check) takeTurns();
try {
  await (values.check ? check() : build());
} catch (error) {
  say(`kube:build: failed after ${minutes(started)}: ${(error as Error).message}`);
  process.exitCode = values.check ? 69 : 1;
}
