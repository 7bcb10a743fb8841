import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeImage, writeLayer } from '../../../local/kube-build/oci-layout.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'moorage-oci-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function layer(name: string, content: string): Promise<string> {
  const root = join(folder, `${name}-root`);
  mkdirSync(join(root, 'bin'), { recursive: true });
  writeFileSync(join(root, 'bin', name), content);
  utimesSync(join(root, 'bin', name), 1, Math.floor(Math.random() * 1e9));
  const tar = join(folder, `${name}.tar`);
  await writeLayer(root, tar);
  return tar;
}

it('writes an index, a manifest and a configuration whose digests and sizes are those of what is there', async () => {
  const layers = [await layer('one', 'first'), await layer('two', 'second')];
  const target = join(folder, 'image.tar');
  await writeImage(target, 'example.org/some/thing:v1.2', layers, { entrypoint: ['/bin/two'], user: '999' });
  const out = join(folder, 'out');
  mkdirSync(out);
  execFileSync('tar', ['-C', out, '-xf', target]);
  const read = (digest: string): Buffer => {
    const bytes = readFileSync(join(out, 'blobs/sha256', digest.slice('sha256:'.length)));
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
    return bytes;
  };
  const { manifests: [described] } = JSON.parse(readFileSync(join(out, 'index.json'), 'utf8'));
  expect(described.annotations['io.containerd.image.name']).toBe('example.org/some/thing:v1.2');
  const manifest = JSON.parse(read(described.digest).toString());
  expect(manifest.layers.map(({ digest, size }: { digest: string; size: number }) => read(digest).length === size)).toEqual([true, true]);
  expect(manifest.layers.map(({ digest }: { digest: string }) => read(digest))).toEqual(layers.map((file) => readFileSync(file)));
  const config = JSON.parse(read(manifest.config.digest).toString());
  expect(config.rootfs.diff_ids).toEqual(manifest.layers.map(({ digest }: { digest: string }) => digest));
  expect(config.config).toMatchObject({ Entrypoint: ['/bin/two'], User: '999' });
});

it('gives the same bytes for the same files, whenever they were written', async () => {
  const images: Buffer[] = [];
  // One after the other: both are made of a layer of the same name.
  for (const name of ['a', 'b']) {
    const target = join(folder, `${name}.tar`);
    await writeImage(target, 'example.org/thing:v1', [await layer('same', 'content')], {});
    images.push(readFileSync(target));
  }
  expect(images[0]!.equals(images[1]!)).toBe(true);
});
