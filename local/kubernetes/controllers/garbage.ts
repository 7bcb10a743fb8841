/** What is left of owners that are gone: objects they owned, pods of nodes that are no more,
  tokens that have expired. */
import type { Api } from '../api.ts';
import type { KubeObject } from '../objects.ts';
import type { Control } from './control.ts';
import { resources, type Pod } from './kinds.ts';

function* everything(api: Api): Generator<{ target: Parameters<Api['remove']>[0]; object: KubeObject }> {
  for (const resource of api.resources.all()) {
    for (const object of api.list(resource)) yield { target: { resource, namespace: object.metadata.namespace,
      name: object.metadata.name }, object };
  }
}

/** Removes objects none of whose owners is there any more. */
export function garbage({ api }: Control): void {
  const all = [...everything(api)];
  const there = new Set(all.map(({ object }) => object.metadata.uid));
  for (const { target, object } of all) {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length > 0 && owners.every(({ uid }) => !there.has(uid)) && api.find(target)) api.remove(target);
  }
}

export function orphanedPods({ api }: Control): void {
  const nodes = new Set(api.list(resources.nodes).map(({ metadata }) => metadata.name));
  for (const { metadata: { namespace, name }, spec } of api.list(resources.pods) as Pod[]) {
    if (spec.nodeName && !nodes.has(spec.nodeName)) api.remove({ resource: resources.pods, namespace, name });
  }
}

export function expiredTokens({ api, nowMs, wakeAt }: Control): void {
  for (const { type, data, metadata: { name } } of api.list(resources.secrets, 'kube-system')) {
    if (type !== 'bootstrap.kubernetes.io/token') continue;
    const expiration = (data as { expiration?: string } | undefined)?.expiration;
    const endsAt = expiration ? Date.parse(Buffer.from(expiration, 'base64').toString()) : Infinity;
    if (endsAt <= nowMs()) api.remove({ resource: resources.secrets, namespace: 'kube-system', name });
    // A timer holds no more than this.
    else if (endsAt - nowMs() < 2 ** 31) wakeAt(endsAt);
  }
}
