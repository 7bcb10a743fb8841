/** From which version of Kubernetes to which a cluster may go: https://kubernetes.io/releases/version-skew-policy/ */
import { isSupported } from '../kubernetes/images.ts';
import { minorOf } from '../kubernetes/spec.ts';
import { unless, type Problem } from './problem.ts';

const patchOf = (version: string): number => Number(/^v1\.\d+\.(\d+)/.exec(version)?.[1]);

/**
 * What is wrong with going from one version to another, both as v1.34.2. API servers go up one minor at a time, since
 * what they keep in etcd and what their neighbours ask of them is promised for one; they never go back.
 */
export function upgradeProblems(from: string, to: string, path: string): Problem[] {
  const unknown = unless(isSupported(to), path, 'version_unknown', `Kubernetes ${to} is not offered`);
  // Of another major version there is no minor one to count from.
  if (!to.startsWith('v1.')) return unknown;
  const minors = minorOf(to) - minorOf(from);
  const isNewer = minors > 0 || (minors === 0 && patchOf(to) > patchOf(from));
  return [
    ...unknown,
    ...unless(isNewer, path, 'version_not_newer', `the cluster has ${from} already: it can only become newer than that`),
    ...unless(minors <= 1, path, 'version_skips_minor',
      `is ${minors} minor versions newer than the cluster's ${from}: go through each one between them`),
  ];
}
