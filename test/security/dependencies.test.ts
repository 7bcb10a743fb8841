/** What is installed is what was chosen: pinned to a version and a digest, from one registry, under licences that are allowed. */
import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { licencePage, readPackages } from '../../local/docs/licences.ts';
import { root } from '../deploy/uses.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
const packages = readPackages();

test('direct dependencies name one version each', () => {
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const loose = Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^(npm:[@\w/.-]+@)?\d+\.\d+\.\d+$/.test(version));
    expect([kind, loose]).toEqual([kind, []]);
  }
});

test('every package has a digest, and comes from a registry, not from a URL of its own', () => {
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter(({ integrity }) => !integrity?.startsWith('sha512-')).map(({ name }) => name)).toEqual([]);
  expect(packages.filter(({ resolved }) => resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')).map(({ name, resolved }) => `${name} ${resolved}`)).toEqual([]);
});

test('packages run nothing when they are installed', () => {
  const installer = readFileSync(join(root, 'local/install.cjs'), 'utf8');
  expect(installer).toContain('--ignore-scripts');
});

/** Nothing that is deployed puts its own licence on what it is bundled with. */
const allowed = new Set(['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'Unlicense', 'UNLICENSE', '(MIT OR CC0-1.0)']);

test('what is deployed has a licence that asks for no more than its mention', () => {
  expect(packages.filter(({ isDeployed, licence }) => isDeployed && !allowed.has(licence)).map(({ name, licence }) => `${name} ${licence}`)).toEqual([]);
  expect(packages.filter(({ licence }) => licence === '?').map(({ name }) => name)).toEqual([]);
});

test('docs/licences.md lists them as they are; `npm run docs:licences` writes it', () => {
  expect(readFileSync(join(root, 'docs/licences.md'), 'utf8')).toBe(licencePage(packages));
});

test('no file of the project contains a key or a password of somebody', () => {
  // Whether or not this is a git checkout: all that is not made by tools.
  const isMade = (name: string): boolean => ['node_modules', 'generated'].includes(name) || (name.startsWith('.') && !['.ci', '.gitignore', '.oxlintrc.json'].includes(name));
  const files = globSync('**', { cwd: root, exclude: (entry: string) => isMade(basename(entry)) }).filter((file) => statSync(join(root, file)).isFile());
  expect(files).toContain('package.json');
  const signs = [/-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}/, /\bAKIA[0-9A-Z]{16}\b/, /\bgh[pousr]_[A-Za-z0-9]{36}\b/, /\bxox[baprs]-[\w-]{10,}/, /\bgAAAAA[\w-]{60,}/];
  const found = files.filter((file) => !file.endsWith('package-lock.json')).flatMap((file) => {
    const text = readFileSync(join(root, file), 'latin1');
    return signs.filter((sign) => sign.test(text)).map((sign) => `${file}: ${sign}`);
  });
  expect(found).toEqual([]);
});
