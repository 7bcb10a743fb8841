/** What a machine makes of its user_data, as cloud-init would: exactly the parts that are used here, and no others. */
import { gunzipSync } from 'node:zlib';
import { parse } from 'yaml';

export interface FirstBoot {
  hostname: string;
  files: { path: string; content: string; mode: number }[];
  /** Of the commands, as cloud-init writes it: one after another, whatever became of the one before. */
  script: string;
}

interface CloudConfig {
  hostname: string;
  write_files?: { path: string; owner: string; permissions: string; content: string }[];
  runcmd?: string[][];
}

/** Nobody logs in to these machines, so what says so has nothing to do here. */
const withoutEffect = ['preserve_hostname', 'prefer_fqdn_over_hostname', 'users', 'ssh_pwauth', 'disable_root'];
const understood = new Set(['hostname', 'write_files', 'runcmd', ...withoutEffect]);

/** Throws, naming what it is, on data that these machines cannot follow to the letter. */
export function firstBoot(userData: string): FirstBoot {
  const bytes = Buffer.from(userData, 'base64');
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  if (!text.startsWith('#cloud-config\n')) throw new Error('its user_data is no #cloud-config document');
  const document = parse(text) as CloudConfig;
  const strange = Object.keys(document).filter((key) => !understood.has(key));
  if (strange.length > 0) throw new Error(`its user_data asks for what is not played here: ${strange.join(', ')}`);
  const files = (document.write_files ?? []).map(({ path, owner, permissions, content }) => {
    if (owner !== 'root:root') throw new Error(`${path}: files of ${owner} are not played here`);
    if (/^\/(run|dev|proc|sys)\//.test(path)) throw new Error(`${path} would be gone with the next boot`);
    return { path, content, mode: Number.parseInt(permissions, 8) };
  });
  return { hostname: document.hostname, files, script: `#!/bin/sh\n${(document.runcmd ?? []).map((words) => words.map(quoted).join(' ')).join('\n')}\n` };
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
