/** Container images without a registry or a daemon: an OCI image layout as a tar, as `ctr images import` reads it. */
import { createHash } from 'node:crypto';
import { createReadStream, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProgram } from './run-program.ts';

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

export interface ImageConfig {
  entrypoint?: string[];
  cmd?: string[];
  /** uid, or uid:gid: a name would have to be in the image's own /etc/passwd. */
  user?: string;
}

/** Fixed times and owners: the same files give the same layer, and so the same digest. */
const reproducible = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

/** Writes the files below `folder` as a layer. */
export const writeLayer = (folder: string, tar: string): Promise<string> =>
  runProgram('tar', [...reproducible, '-C', folder, '-cf', tar, '.']);

/**
 * Writes an image of these layers, tars in the order in which they lie upon each other, under its full name
 * (registry.k8s.io/pause:3.10). Layers are not compressed: they are imported on the machine that wrote them.
 */
export async function writeImage(target: string, name: string, layers: string[], config: ImageConfig): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(`${target}.`);
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, document: unknown): Descriptor => {
    const text = JSON.stringify(document);
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(blobs, hex), text);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(text) };
  };
  try {
    const described = await Promise.all(layers.map(async (layer): Promise<Descriptor> => {
      const digest = await digestOf(layer);
      await place(layer, join(blobs, digest.slice('sha256:'.length)));
      return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: (await stat(layer)).size };
    }));
    const about = put('application/vnd.oci.image.config.v1+json', {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: [path], Entrypoint: config.entrypoint, Cmd: config.cmd, User: config.user, WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: described.map(({ digest }) => digest) },
    });
    const manifest = put('application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: about, layers: described,
    });
    writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    writeFileSync(join(folder, 'index.json'), JSON.stringify({
      schemaVersion: 2,
      manifests: [{
        ...manifest,
        annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1) },
      }],
    }));
    await runProgram('tar', [...reproducible, '-C', folder, '-cf', `${target}.part`, 'oci-layout', 'index.json', 'blobs']);
    renameSync(`${target}.part`, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A link where the two are on one file system. */
async function place(from: string, to: string): Promise<void> {
  try {
    linkSync(from, to);
  } catch {
    await copyFile(from, to);
  }
}
