/** Cloud-init data as Nova takes it: a #cloud-config document, compressed, in base64. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse, stringify } from 'yaml';
import { TerminalError } from '../engine/failure.ts';

/** Nova's limit on user_data, in characters of base64. */
export const userDataLimit = 65535;

export interface MachineFile {
  path: string;
  content: string;
  permissions?: '0600' | '0640' | '0644' | '0755';
}

export interface MachineDocument {
  name: string;
  files: MachineFile[];
  /** Run once, at the end of the first boot. */
  commands: string[][];
}

/**
 * The document's user_data; the same input gives the same text. Throws a TerminalError when Nova would refuse its size.
 */
export function userData({ name, files, commands }: MachineDocument): string {
  const document = {
    hostname: name,
    preserve_hostname: false,
    prefer_fqdn_over_hostname: false,
    // Nobody logs in: no user, no key, no password.
    users: [],
    ssh_pwauth: false,
    disable_root: true,
    write_files: files.map(({ path, content, permissions = '0600' }) => ({
      path,
      owner: 'root:root',
      permissions,
      content,
    })),
    runcmd: commands,
  };
  const encoded = gzipSync(`#cloud-config\n${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`, {
    level: 9,
  }).toString('base64');
  if (encoded.length > userDataLimit) {
    throw new TerminalError(
      'USER_DATA_TOO_LARGE',
      `Cloud-init data of ${name} has ${encoded.length} characters; Nova takes ${userDataLimit}`,
      'Use fewer or shorter labels, taints and registries.',
    );
  }
  return encoded;
}

export interface ParsedUserData {
  hostname: string;
  files: Record<string, { content: string; permissions: string; owner: string }>;
  runcmd: string[][];
}

/** What a machine would make of `user_data`. Throws when it is not what `userData` writes. */
export function parseUserData(encoded: string): ParsedUserData {
  const text = gunzipSync(Buffer.from(encoded, 'base64')).toString();
  if (!text.startsWith('#cloud-config\n')) throw new Error('Not a #cloud-config document');
  const document = parse(text) as {
    hostname: string;
    write_files: { path: string; content: string; permissions: string; owner: string }[];
    runcmd: string[][];
  };
  return {
    hostname: document.hostname,
    files: Object.fromEntries(document.write_files.map(({ path, ...file }) => [path, file])),
    runcmd: document.runcmd,
  };
}
