/** Label and field selectors: of requests, and of objects. */
import { badRequest } from './api-error.ts';
import { isRecord, type KubeObject } from './objects.ts';

type Labels = Record<string, string>;
type Test = (labels: Labels) => boolean;

export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
}

/** Whether the labels fit. An empty selector fits all, none at all fits nothing. */
export function fits(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return Object.entries(matchLabels)
    .every(([key, value]) => labels[key] === value) && matchExpressions.every(({ key, operator, values = [] }) => {
    switch (operator) {
      case 'In': return key in labels && values.includes(labels[key]!);
      case 'NotIn': return !(key in labels) || !values.includes(labels[key]!);
      case 'Exists': return key in labels;
      case 'DoesNotExist': return !(key in labels);
    }
  });
}

function requirement(text: string): Test {
  const among = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (among) {
    const [, key, operator, list] = among as unknown as [string, string, string, string];
    const values = list.split(',').map((value) => value.trim());
    return (labels) => (key in labels && values.includes(labels[key]!)) === (operator === 'in');
  }
  const compared = /^([^\s!=]+)\s*(==|=|!=)\s*([^\s!=]*)$/.exec(text);
  if (compared) {
    const [, key, operator, value] = compared as unknown as [string, string, string, string];
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const present = /^(!?)\s*([^\s!=(),]+)$/.exec(text);
  if (!present) throw badRequest(`unable to parse requirement: ${text}`);
  return (labels) => (present[2]! in labels) === (present[1] === '');
}

/** Of a request's `labelSelector`. Throws 400 on what is none. */
export function parseLabelSelector(text: string): (object: KubeObject) => boolean {
  const tests = text.split(/,(?![^(]*\))/).map((part) => part.trim()).filter(Boolean).map(requirement);
  return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

/** Of a request's `fieldSelector`: any path of field names. */
export function parseFieldSelector(text: string): (object: KubeObject) => boolean {
  const tests = text.split(',').filter(Boolean).map((part) => {
    const [, path, operator, value] = /^([\w.]+)(==|=|!=)(.*)$/.exec(part.trim()) ?? [];
    if (!path) throw badRequest(`invalid field selector: ${part}`);
    return (object: KubeObject): boolean => {
      const found = path.split('.').reduce<unknown>((node, key) => isRecord(node) ? node[key] : undefined, object);
      return (String(found ?? '') === value) === (operator !== '!=');
    };
  });
  return (object) => tests.every((test) => test(object));
}
