import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

it('says with its exit code that something is missing, and builds nothing, where it is only to check', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'moorage-kube-check-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const main = join(import.meta.dirname, '../../../local/kube-build/main.ts');
  const code = await new Promise((resolve) => {
    execFile(process.execPath, [main, '--newest', '--check'], { env: { ...process.env, MOORAGE_KUBE_DIR: folder } }, (error) => resolve(error?.code ?? 0));
  });
  expect(code).toBe(69);
  expect(readdirSync(folder)).toEqual([]);
});
