/** The authority by which pods know the API, in every namespace. */
import type { Control, Controller } from './control.ts';
import { resources } from './kinds.ts';

const name = 'kube-root-ca.crt';

/** Publishes what `ca` gives: the file that the controller manager was started with. */
export function rootAuthority(ca: () => string | undefined): Controller {
  return function publishRootAuthority({ api }: Control): void {
    const caPem = ca();
    if (caPem === undefined) return;
    const data = { 'ca.crt': caPem };
    for (const { metadata: { name: namespace, deletionTimestamp } } of api.list(resources.namespaces)) {
      const target = { resource: resources.configMaps, namespace, name };
      const found = api.find(target);
      const manager = { manager: 'kube-controller-manager' };
      if (deletionTimestamp) continue;
      if (!found) api.create(resources.configMaps, namespace, { metadata: { name }, data }, manager);
      else if ((found.data as typeof data | undefined)?.['ca.crt'] !== caPem) api.patch(target, (live) => ({ ...live, data }), manager);
    }
  };
}
