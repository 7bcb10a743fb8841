// Runs before every script, on Node 20 as well: brings in what is missing and writes what is generated, or does nothing.
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '..');

if (!isInstalled()) {
  process.stderr.write('Installing dependencies…\n');
  // Not `npm ci`: that refuses where a registry lacks an optional package of some other platform. The lock file is
  // followed all the same, and not written.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts']);
}
if (!isGenerated()) run(nodeOfTheProject(), ['schemas/generate.ts']);

/** Everything the lock file names is there in that version; what is optional may be missing. */
function isInstalled() {
  const there = packagesIn('node_modules/.package-lock.json');
  return there !== undefined && Object.entries(packagesIn('package-lock.json')).every(([path, { version, optional, peer }]) =>
    path === '' || there[path]?.version === version || (!(path in there) && (optional || peer)));
}

function packagesIn(path) {
  const file = join(root, path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}

/** What schemas/ generates is newer than everything it is generated from. */
function isGenerated() {
  if (!existsSync(join(root, 'schemas/generate.ts'))) return true;
  const times = { generated: [], sources: [] };
  for (const entry of readdirSync(join(root, 'schemas'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    times[file.startsWith(join(root, 'schemas/generated/')) ? 'generated' : 'sources'].push(statSync(file).mtimeMs);
  }
  return times.generated.length > 0 && Math.min(...times.generated) >= Math.max(...times.sources);
}

/** The project brings its own Node where npm has one for the machine; elsewhere this one must do. */
function nodeOfTheProject() {
  const own = join(root, 'node_modules/.bin/node');
  if (existsSync(own)) return own;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath;
  process.stderr.write(`On ${process.platform} ${process.arch} this needs Node 22.19 or later; here is ${process.version}.\n`);
  process.exit(1);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  if (error) process.stderr.write(`${command}: ${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}
