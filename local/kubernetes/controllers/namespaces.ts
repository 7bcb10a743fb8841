/** Namespaces: what every one has, and how one goes: with all that is in it. */
import type { Api } from '../api.ts';
import type { Control } from './control.ts';
import { resources } from './kinds.ts';

const manager = { manager: 'kube-controller-manager' };

/** False while something is still held by a finalizer. */
function empty(api: Api, namespace: string): boolean {
  let left = 0;
  for (const resource of api.resources.all().filter(({ namespaced }) => namespaced)) {
    for (const { metadata: { name } } of api.list(resource, namespace)) {
      const target = { resource, namespace, name };
      if (api.find(target)) api.remove(target);
      if (api.find(target)) left += 1;
    }
  }
  return left === 0;
}

export function namespaces({ api }: Control): void {
  for (const { metadata: { name, deletionTimestamp } } of api.list(resources.namespaces)) {
    if (deletionTimestamp) {
      if (empty(api, name)) api.finishNamespace(name);
    } else if (!api.find({ resource: resources.serviceAccounts, namespace: name, name: 'default' })) {
      api.create(resources.serviceAccounts, name, { metadata: { name: 'default' } }, manager);
    }
  }
}
