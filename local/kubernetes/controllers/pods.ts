/** The pods that a workload has. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../objects.ts';
import type { Control } from './control.ts';
import { controllerOf, ownerOf, resources, type Pod, type Template } from './kinds.ts';

const manager = { manager: 'kube-controller-manager' };
export const revisionLabel = 'controller-revision-hash';

/** Names a template: the same for the same template. */
export const hashOf = (template: Template): string => createHash('sha256').update(JSON.stringify(template))
  .digest('hex').slice(0, 10);

export const podsOf = ({ api }: Control, owner: KubeObject): Pod[] =>
  (api.list(resources.pods, owner.metadata.namespace) as Pod[])
    .filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid);

export interface NewPod { name?: string; labels?: Record<string, string>; nodeName?: string }

export function createPod({ api }: Control, owner: KubeObject, template: Template,
  { name, labels, nodeName }: NewPod): void {
  const { namespace } = owner.metadata;
  api.create(resources.pods, namespace, {
    metadata: {
      ...(name ? { name } : { generateName: `${owner.metadata.name}-` }),
      labels: { ...template.metadata?.labels, ...labels },
      ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
      ownerReferences: [ownerOf(owner)],
    },
    spec: { ...template.spec, ...(nodeName && { nodeName }) },
  }, manager);
}

export function removePod({ api }: Control, { metadata: { namespace, name } }: Pod): void {
  api.remove({ resource: resources.pods, namespace, name });
}

/** Those that go first when there are too many: not placed, not ready, youngest. */
export function mostExpendable(pods: readonly Pod[], isReady: (pod: Pod) => boolean): Pod[] {
  const rank = (pod: Pod): number => (pod.spec.nodeName ? 2 : 0) + (isReady(pod) ? 1 : 0);
  return pods.toSorted((one, other) =>
    rank(one) - rank(other) || other.metadata.creationTimestamp.localeCompare(one.metadata.creationTimestamp));
}
