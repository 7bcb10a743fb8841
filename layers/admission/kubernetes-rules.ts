/** Labels and taints as Kubernetes takes them. */
import type { Taint } from '../cluster/cluster.ts';
import { unless, type Problem } from './problem.ts';

const name = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const domain = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
/** What a kubelet may give itself of Kubernetes' own labels, see the admission plug-in NodeRestriction. */
const free = /(^|\.)(kubelet|node)\.kubernetes\.io$/;
const reserved = /(^|\.)(kubernetes\.io|k8s\.io)$/;

const isKey = (key: string): boolean => {
  const [last = '', prefix, ...more] = key.split('/').toReversed();
  return more.length === 0 && name.test(last) && (prefix === undefined || domain.test(prefix));
};
const isValue = (value: string): boolean => value === '' || name.test(value);
const isFree = (key: string): boolean => {
  const prefix = key.slice(0, Math.max(0, key.lastIndexOf('/')));
  return !reserved.test(prefix) || free.test(prefix);
};

const keyWords = 'must be a name of at most 63 letters, digits, hyphens, dots and underscores, '
  + 'with a DNS name and a slash before it if you like';
const valueWords = 'must be empty, or at most 63 letters, digits, hyphens, dots and underscores, '
  + 'beginning and ending with a letter or digit';

export function labelProblems(labels: Record<string, string>, path: string): Problem[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const place = `${path}['${key.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'')}']`;
    return [
      ...unless(isKey(key), place, 'invalid_label_key', keyWords),
      ...unless(isFree(key), place, 'reserved_label', 'belongs to Kubernetes: nodes must not give it to themselves'),
      ...unless(isValue(value), place, 'invalid_label_value', valueWords),
    ];
  });
}

export function taintProblems(taints: readonly Taint[], path: string): Problem[] {
  const seen = new Set<string>();
  return taints.flatMap(({ key, value, effect }, index) => {
    const place = `${path}[${index}]`;
    const isNew = !seen.has(`${key}:${effect}`);
    seen.add(`${key}:${effect}`);
    return [
      ...unless(isKey(key), `${place}.key`, 'invalid_taint_key', keyWords),
      ...unless(isValue(value), `${place}.value`, 'invalid_taint_value', valueWords),
      ...unless(isNew, place, 'duplicate_taint', 'is there with this key and effect already'),
    ];
  });
}
