/** `npm run docs:licences`: writes docs/licences.md from package-lock.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Package { name: string; version: string; licence: string; integrity?: string; resolved?: string; isDeployed: boolean }
interface Locked { version: string; license?: string; integrity?: string; resolved?: string; dev?: boolean; optional?: boolean; devOptional?: boolean; link?: boolean; name?: string }

/** Every package that the lock names. `isDeployed`: reached from `dependencies`, so that a bundle may contain it. */
export function readPackages(): Package[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  return Object.entries(packages).filter(([path, { link }]) => path && !link).map(([path, locked]) => {
    const { version, license = '?', integrity, resolved, dev, optional, devOptional } = locked;
    const name = locked.name ?? path.split('node_modules/').at(-1)!;
    return { name, version, licence: license, isDeployed: !(dev || optional || devOptional), ...(integrity && { integrity }), ...(resolved && { resolved }) };
  });
}

/** The page: what is deployed by name, what is only built and tested with by licence. */
export function licencePage(packages: readonly Package[]): string {
  const line = ({ name, version, licence }: Package): string => `| ${name} | ${version} | ${licence} |`;
  const sorted = [...new Map(packages.map((one) => [`${one.name} ${one.version}`, one])).values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
  const deployed = sorted.filter(({ isDeployed }) => isDeployed);
  const others = Object.entries(Object.groupBy(sorted.filter(({ isDeployed }) => !isDeployed), ({ licence }) => licence))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `# Licences

Written by \`npm run docs:licences\` from package-lock.json; do not edit.

## What functions may be bundled with

| package | version | licence |
|---|---|---|
${deployed.map(line).join('\n')}

## What it is built, tested and run locally with

${others.map(([licence, list = []]) => `- **${licence}** (${list.length}): ${list.map(({ name }) => name).join(', ')}`).join('\n')}
`;
}

if (import.meta.main) writeFileSync(join(root, 'docs/licences.md'), licencePage(readPackages()));
