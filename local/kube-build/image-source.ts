/** What an image is made of. */
import type { DebianLayer } from './debian.ts';
import { programsOf } from './go-modules.ts';
import type { ImageConfig } from './oci-layout.ts';

export interface ImageSource extends ImageConfig {
  /** Its full name, as a pod asks for it. */
  name: string;
  /** Which of Debian's programs lie beneath; otherwise nothing but the program and what it needs to run. */
  base?: DebianLayer;
  /** Path in the image → which program of which module. */
  programs: Record<string, { from: string; program: string }>;
  /** Path in the image → file of this machine. */
  files?: Record<string, string>;
  /** Path in the image → what a symbolic link there points to. */
  links?: Record<string, string>;
  /** Path in the image → what is written there; scripts begin with #!. */
  texts?: Record<string, string>;
  /** Folders that any user of the image may write to. */
  open?: string[];
  /** Busybox in the image, under the names of all that it can do. */
  applets?: string;
}

/** The folder of the module that builds `program` for this version of Kubernetes. */
export function moduleOf(program: string, version: string): string {
  const found = programsOf(version).find(({ packages }) => Object.values(packages).includes(program));
  if (!found) throw new Error(`No module builds ${program}`);
  return found.name;
}

/** An image of one program. */
export const single = (name: string, version: string, program: string, path: string, more: Partial<ImageSource> = {}): ImageSource => ({
  name, programs: { [path]: { from: moduleOf(program, version), program } }, entrypoint: [path], ...more,
});

/** Debian's static busybox, under the names of all that it can do. */
export const busybox = (name: string, more: Partial<ImageSource> = {}): ImageSource => ({
  name, programs: {}, files: { '/bin/busybox': '/bin/busybox' }, applets: '/bin/busybox', cmd: ['sh'], ...more,
});
