/** Makes one image: its program's layer, upon Debian's tools or upon what any program wants to find. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureMade, inKube, isMade, keyOf } from './cache.ts';
import { debianLayer, debianLayerKey, ensureDebianLayer } from './debian.ts';
import { programPath } from './go-build.ts';
import type { ImageSource } from './image-source.ts';
import { writeImage, writeLayer } from './oci-layout.ts';
import { runProgram } from './run-program.ts';

const imagesFolder = inKube('images');
/** registry.k8s.io/pause:3.8 → …/images/registry.k8s.io_pause_3.8.tar */
export const imagePath = (name: string): string => join(imagesFolder, `${name.replace(/[/:]/g, '_')}.tar`);

const minimalLayer = inKube('layers', 'minimal.tar');
const minimalFiles: Record<string, string> = {
  'etc/passwd': 'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
};
const authorities = '/etc/ssl/certs/ca-certificates.crt';

/** What a program without anything beneath it wants to find: users, authorities, a folder for temporary files. */
const ensureMinimal = (): Promise<boolean> =>
  ensureMade(minimalLayer, keyOf(minimalFiles), () => inFolder(async (folder) => {
    for (const [path, content] of Object.entries(minimalFiles)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    put(folder, authorities, authorities, 0o644);
    mkdirSync(join(folder, 'tmp'));
    chmodSync(join(folder, 'tmp'), 0o1777);
    await writeLayer(folder, minimalLayer);
  }));

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'moorage-layer-'));
  try {
    // tar keeps the mode of the top folder too: a container's root must be open to its user.
    chmodSync(folder, 0o755);
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where `path` of the image is below `folder`; the folder it lies in is there. */
function below(folder: string, path: string): string {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  return target;
}

function put(folder: string, path: string, file: string, mode: number): void {
  const target = below(folder, path);
  copyFileSync(file, target);
  chmodSync(target, mode);
}

async function putAll(folder: string, { programs, files = {}, texts = {}, links = {}, open = [], applets }: ImageSource): Promise<void> {
  for (const [path, { from, program }] of Object.entries(programs)) put(folder, path, programPath(from, program), 0o755);
  for (const [path, file] of Object.entries(files)) put(folder, path, file, 0o755);
  for (const [path, text] of Object.entries(texts)) {
    const target = below(folder, path);
    writeFileSync(target, text);
    chmodSync(target, text.startsWith('#!') ? 0o755 : 0o644);
  }
  for (const [path, to] of Object.entries(links)) symlinkSync(to, below(folder, path));
  for (const path of open) {
    mkdirSync(join(folder, path), { recursive: true });
    chmodSync(join(folder, path), 0o1777);
  }
  if (!applets) return;
  const names = (await runProgram(join(folder, applets), ['--list'])).trim().split('\n').filter((name) => name !== 'busybox');
  for (const name of names) symlinkSync(applets, join(folder, dirname(applets), name));
}

type KeyOfModule = (name: string) => string;

const beneathOf = ({ base }: ImageSource): { layer: string; key: string; ensure: () => Promise<boolean> } => (base
  ? { layer: debianLayer(base), key: debianLayerKey(base), ensure: () => ensureDebianLayer(base) }
  : { layer: minimalLayer, key: keyOf(minimalFiles), ensure: ensureMinimal });

const imageKey = (source: ImageSource, keyOfModule: KeyOfModule): string =>
  keyOf({ source, modules: Object.values(source.programs).map(({ from }) => keyOfModule(from)), beneath: beneathOf(source).key });

/** Whether the image is there, of these very programs. `keyOfModule`: of each module's programs. */
export const isImageMade = (source: ImageSource, keyOfModule: KeyOfModule): boolean =>
  isMade(imagePath(source.name), imageKey(source, keyOfModule));

/** Makes the image unless it is there; true when it did. */
export async function ensureImage(source: ImageSource, keyOfModule: KeyOfModule): Promise<boolean> {
  const beneath = beneathOf(source);
  const target = imagePath(source.name);
  return ensureMade(target, imageKey(source, keyOfModule), () => inFolder(async (folder) => {
    await beneath.ensure();
    await putAll(folder, source);
    const layer = `${target}.layer`;
    await writeLayer(folder, layer);
    await writeImage(target, source.name, [beneath.layer, layer], source);
    rmSync(layer);
  }));
}

/** Writes index.json beside the images: the file of each name. */
export function writeIndex(names: string[]): void {
  const text = `${JSON.stringify(Object.fromEntries(names.map((name) => [name, imagePath(name)])), null, 2)}\n`;
  const file = join(imagesFolder, 'index.json');
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch {
    // There is none yet.
  }
  writeFileSync(file, text);
}
