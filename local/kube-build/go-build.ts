/** Builds the programs of one Go module with the Go toolchain and module proxy of the machine. */
import { constants, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inKube, ensureMade, keyOf } from './cache.ts';
import type { Copied, GoPrograms } from './go-modules.ts';
import { runProgram } from './run-program.ts';

/** -p=2: an ordinary machine stays usable; the memory of three linkers at once is more than some have. */
const environment = { CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false -p=2', GOWORK: 'off' };

export const folderOf = ({ name }: Pick<GoPrograms, 'name'>): string => inKube('bin', name);
/** Where a program is once it is built. */
export const programPath = (name: string, program: string): string => join(inKube('bin', name), program);

/**
 * A go.mod that requires the modules, with the replacements of the first one's own go.mod, which count only in a main
 * module. Those by a folder of the same repository are taken at the release that belongs to it where the go.mod names
 * none (k8s.io/api v0.0.0 of Kubernetes v1.34.2: v0.34.2), and are left out otherwise: the version it requires is used.
 */
export function goMod({ modules, replacements: own = {} }: Pick<GoPrograms, 'modules' | 'replacements'>, upstream: string): string {
  const lines = upstream.split('\n').map((line) => line.trim());
  const version = modules[0]!.version;
  const replacements = lines.flatMap((line) => {
    const [, path, to] = /^(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(.+?)(?:\s*\/\/.*)?$/.exec(line) ?? [];
    if (!path || !to) return [];
    if (!to.startsWith('.')) return [`\t${path} => ${to}`];
    return to.startsWith('./staging/') ? [`\t${path} => ${path} ${version.replace(/^v1\./, 'v0.')}`] : [];
  });
  replacements.push(...Object.entries(own).map(([path, wanted]) => `\t${path} => ${path} ${wanted}`));
  return [
    'module moorage.io/kube-build', '',
    ...lines.filter((line) => /^go \d/.test(line)),
    ...lines.filter((line) => line.startsWith('godebug ')), '',
    'require (', ...modules.map(({ path, version: wanted }) => `\t${path} ${wanted}`), ')', '',
    ...(replacements.length > 0 ? ['replace (', ...replacements, ')', ''] : []),
  ].join('\n');
}

/** Copies the modules' source into the folder, each with a go.mod that requires nothing; the lines that make it used. */
async function copyModules(folder: string, copied: Copied[]): Promise<string> {
  const lines: string[] = [];
  for (const { path, version, keepsRequirements, without, rewritten, sum } of copied) {
    const { Dir, GoMod } = await download(path, version, sum);
    const copy = `copy/${path.replaceAll('/', '_')}`;
    rmSync(join(folder, copy), { recursive: true, force: true });
    // The module cache is read-only, and so would the copy be.
    cpSync(Dir, join(folder, copy), { recursive: true, mode: constants.COPYFILE_FICLONE });
    await runProgram('chmod', ['-R', 'u+w', join(folder, copy)]);
    const goLine = readFileSync(GoMod, 'utf8').split('\n').find((line) => line.startsWith('go '))!;
    if (!keepsRequirements) writeFileSync(join(folder, copy, 'go.mod'), `module ${path}\n\n${goLine}\n`);
    if (without) leaveOut(join(folder, copy, without.file), without.line);
    if (rewritten) rewrite(join(folder, copy), rewritten);
    lines.push(`require ${path} ${version}`, `replace ${path} => ./${copy}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Throws when the line is not there: it was written for another version. */
function leaveOut(file: string, line: string): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  const kept = lines.filter((one) => one.trim() !== line);
  if (kept.length !== lines.length - 1) throw new Error(`${file} has not one line ${line}`);
  writeFileSync(file, kept.join('\n'));
}

/** Replaces the texts in every Go file of the folder; throws when one of them is nowhere: it was written for another version. */
export function rewrite(folder: string, rewritten: Record<string, string>): void {
  const unseen = new Set(Object.keys(rewritten));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.go')) continue;
    const file = join(folder, name);
    const before = readFileSync(file, 'utf8');
    let text = before;
    for (const [from, to] of Object.entries(rewritten)) {
      if (!text.includes(from)) continue;
      unseen.delete(from);
      text = text.replaceAll(from, to);
    }
    if (text !== before) writeFileSync(file, text);
  }
  if (unseen.size > 0) throw new Error(`${folder} says nowhere: ${[...unseen].join(', ')}`);
}

interface Download { Dir: string; GoMod: string; Sum: string }

/** With a `sum` that, instead of the checksum database, says what the module's zip must be; throws when it is another. */
async function download(path: string, version: string, sum?: string): Promise<Download> {
  const found = JSON.parse(await runProgram('go', ['mod', 'download', '-json', `${path}@${version}`], { env: sum ? { GONOSUMDB: path } : {} })) as Download;
  if (sum && found.Sum !== sum) throw new Error(`${path}@${version} is ${found.Sum}, not ${sum}`);
  return found;
}

/** What `go build` calls the program of a package. */
function defaultName(path: string): string {
  if (path === '.') return 'kube-build';
  const parts = path.split('/');
  return /^v\d+$/.test(parts.at(-1)!) ? parts.at(-2)! : parts.at(-1)!;
}

async function sourceFolder(programs: GoPrograms): Promise<string> {
  if (programs.source) return programs.source;
  const folder = inKube('src', programs.name);
  mkdirSync(folder, { recursive: true });
  const { path, version } = programs.modules[0]!;
  const { GoMod } = await download(path, version);
  const text = goMod(programs, readFileSync(GoMod, 'utf8')) + await copyModules(folder, programs.copied ?? []);
  if (programs.main) writeFileSync(join(folder, 'main.go'), programs.main);
  const file = join(folder, 'go.mod');
  // The go command completes it: what it added stays as long as what we ask for is the same.
  const asked = join(folder, 'asked.mod');
  if (!existsSync(asked) || readFileSync(asked, 'utf8') !== text) {
    writeFileSync(file, text);
    writeFileSync(asked, text);
  }
  return folder;
}

/** The key of what the programs are made of: the same key, the same programs. */
export const programsKey = (programs: GoPrograms, goVersion: string): string =>
  keyOf({ ...programs, source: programs.source && sourcesOf(programs.source), goVersion, environment });

const sourcesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.go$|^go\.(mod|sum)$/.test(file)).sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'));

/** Builds them unless they are there; true when it did. Interrupted, it goes on from Go's own build cache. */
export function buildPrograms(programs: GoPrograms, goVersion: string): Promise<boolean> {
  const folder = folderOf(programs);
  return ensureMade(folder, programsKey(programs, goVersion), async () => {
    const cwd = await sourceFolder(programs);
    mkdirSync(folder, { recursive: true });
    const linker = ['-s', '-w', ...Object.entries(programs.variables).map(([name, value]) => `-X ${name}=${value}`)].join(' ');
    const flags = ['-trimpath', '-ldflags', linker, ...(programs.tags ? ['-tags', programs.tags.join(',')] : [])];
    const options = { cwd, env: environment, isBackground: true };
    // One call for all: packages that they share are compiled once.
    const packages = Object.keys(programs.packages);
    await runProgram('go', ['build', ...flags, '-o', `${folder}/`, ...packages], options);
    for (const [path, name] of Object.entries(programs.packages)) {
      if (defaultName(path) !== name) renameSync(join(folder, defaultName(path)), join(folder, name));
    }
    for (const [path, name] of Object.entries(programs.tests ?? {})) {
      await runProgram('go', ['test', '-c', ...flags, '-o', join(folder, name), path], options);
    }
    for (const [path, name] of Object.entries(programs.files ?? {})) {
      const { Dir } = await download(programs.modules[0]!.path, programs.modules[0]!.version);
      // Not copied: what is in Go's cache is read-only.
      writeFileSync(join(folder, name), readFileSync(join(Dir, path)));
    }
  });
}
