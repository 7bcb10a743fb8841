import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { goMod, programsKey, rewrite } from '../../../local/kube-build/go-build.ts';

const kubernetes = { modules: [{ path: 'k8s.io/kubernetes', version: 'v1.34.2' }] };

it('takes the parts of a repository at the release that belongs to it, and other replacements as they are', () => {
  const text = goMod(kubernetes, [
    'module k8s.io/kubernetes', '', 'go 1.24.0', '', 'godebug default=go1.24', '', 'require k8s.io/api v0.0.0', '',
    'replace (', '\tk8s.io/api => ./staging/src/k8s.io/api', '\tgithub.com/a/b v1.2.3 => github.com/c/d v1.2.4 // why', ')', '',
    'replace go.etcd.io/etcd => ./FORBIDDEN_DEPENDENCY',
  ].join('\n'));
  expect(text.split('\n')).toEqual([
    'module moorage.io/kube-build', '', 'go 1.24.0', 'godebug default=go1.24', '',
    'require (', '\tk8s.io/kubernetes v1.34.2', ')', '',
    'replace (', '\tk8s.io/api => k8s.io/api v0.34.2', '\tgithub.com/a/b => github.com/c/d v1.2.4', ')', '',
  ]);
});

it('requires every module in the version that is asked for, and leaves out folders beside it', () => {
  const text = goMod(
    { modules: [{ path: 'a.io/server/v3', version: 'v3.6.4' }, { path: 'a.io/ctl/v3', version: 'v3.6.4' }], replacements: { 'a.io/api': 'v1.0.0' } },
    'module a.io/server/v3\n\ngo 1.23.0\n\nreplace a.io/client => ../client\n',
  );
  expect(text).toContain('\ta.io/server/v3 v3.6.4\n\ta.io/ctl/v3 v3.6.4\n');
  expect(text).toContain('replace (\n\ta.io/api => a.io/api v1.0.0\n)');
  expect(text).not.toContain('a.io/client');
});

it('builds anew for another compiler, another version or another variable, and for nothing else', () => {
  const programs = { name: 'x', packages: { 'a.io/x': 'x' }, variables: { v: '1' }, ...kubernetes };
  const key = programsKey(programs, 'go1.26.8');
  expect(programsKey({ ...programs }, 'go1.26.8')).toBe(key);
  expect(programsKey(programs, 'go1.27.0')).not.toBe(key);
  expect(programsKey({ ...programs, variables: { v: '2' } }, 'go1.26.8')).not.toBe(key);
  expect(programsKey({ ...programs, modules: [{ path: 'k8s.io/kubernetes', version: 'v1.34.3' }] }, 'go1.26.8')).not.toBe(key);
});

it('rewrites what copied Go files say, in all folders and in nothing else, and says what they do not say', () => {
  const folder = mkdtempSync(join(tmpdir(), 'moorage-rewrite-'));
  mkdirSync(join(folder, 'deep'));
  for (const name of ['a.go', 'deep/b.go', 'README.md']) writeFileSync(join(folder, name), 'import "x/v1"\nV1() and V1()\n');
  rewrite(folder, { '"x/v1"': 'v1 "x/v1beta1"', 'V1()': 'V1beta1()' });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  expect(['a.go', 'deep/b.go'].map(read)).toEqual(Array.from({ length: 2 }, () => 'import v1 "x/v1beta1"\nV1beta1() and V1beta1()\n'));
  expect(read('README.md')).toContain('"x/v1"');
  expect(() => rewrite(folder, { 'V7()': 'V8()' })).toThrow(/V7\(\)/);
});
