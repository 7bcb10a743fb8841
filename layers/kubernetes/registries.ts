/** Registries whose certificates cannot be verified, as containerd is told of them: a folder for each. */
import type { MachineFile } from './user-data.ts';

const folder = '/etc/containerd/certs.d';
const scriptPath = '/usr/local/sbin/moorage-registries';

/**
 * The image's configuration, completed, with that one setting changed wherever this version of containerd keeps it. A
 * file to be imported would not do: it replaces the whole section of the plug-in, its cgroup driver included.
 */
const script = `#!/bin/sh
set -eu
containerd config dump | sed -E 's#^( *config_path = ).*#\\1"${folder}"#' >/etc/containerd/config.toml.new
mv /etc/containerd/config.toml.new /etc/containerd/config.toml
systemctl restart containerd
`;

const hosts = (registry: string): string =>
  ['https', 'http']
    .map((scheme) => `[host."${scheme}://${registry}"]\n  capabilities = ["pull", "resolve"]\n  skip_verify = true\n`)
    .join('');

/** Files, and the commands that bring them into force; none of either when there are no such registries. */
export function registryFiles(insecureRegistries: readonly string[]): { files: MachineFile[]; commands: string[][] } {
  if (insecureRegistries.length === 0) return { files: [], commands: [] };
  return {
    files: [
      { path: scriptPath, content: script, permissions: '0755' },
      ...insecureRegistries.map((registry): MachineFile => ({
        path: `${folder}/${registry}/hosts.toml`,
        content: hosts(registry),
        permissions: '0644',
      })),
    ],
    commands: [[scriptPath]],
  };
}
