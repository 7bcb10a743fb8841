import { expect, test } from 'vitest';
import { upgradeProblems } from '../../../layers/admission/upgrade-rules.ts';

const codes = (from: string, to: string): string[] => upgradeProblems(from, to, '$.target_version').map(({ code }) => code);

test.each([
  ['v1.33.5', 'v1.33.6'],
  ['v1.33.5', 'v1.33.10'],
  ['v1.33.9', 'v1.34.2'],
])('%s may become %s', (from, to) => {
  expect(codes(from, to)).toEqual([]);
});

test.each([
  ['v1.34.2', 'v1.34.2', ['version_not_newer']],
  ['v1.34.2', 'v1.34.1', ['version_not_newer']],
  ['v1.34.10', 'v1.34.9', ['version_not_newer']],
  ['v1.34.2', 'v1.33.9', ['version_not_newer']],
  ['v1.32.9', 'v1.34.2', ['version_skips_minor']],
  ['v1.34.2', 'v0.0.0', ['version_unknown']],
  ['v1.34.2', 'v2.35.0', ['version_unknown']],
  ['v1.34.2', 'v1.36.0', ['version_unknown', 'version_skips_minor']],
])('%s may not become %s', (from, to, expected) => {
  expect(codes(from, to)).toEqual(expected);
});

test('problems say where', () => {
  expect(upgradeProblems('v1.34.2', 'v1.33.5', '$.target_version')).toEqual([
    { path: '$.target_version', code: 'version_not_newer', message: 'the cluster has v1.34.2 already: it can only become newer than that' },
  ]);
});
