/** Applies objects, and tells whether the workloads among them run as they were last applied. */
import type { Kube } from './client.ts';
import { pathOf, type Reference } from './kinds.ts';
import type { Manifest } from './manifests/manifest.ts';

interface Workload {
  kind?: unknown;
  metadata?: unknown;
  spec?: unknown;
  status?: unknown;
}

type Counts = Record<string, number | undefined>;

/**
 * True once every pod that should be there is of the newest revision and ready, by the rules of `kubectl rollout status`.
 * A status that the controller has not yet written for this generation counts as not complete.
 */
export function rolloutComplete(object: Workload | undefined): boolean {
  if (!object) return false;
  const generation = (object.metadata as { generation?: number } | undefined)?.generation ?? 0;
  const wanted = (object.spec as { replicas?: number } | undefined)?.replicas ?? 1;
  const status = (object.status ?? {}) as Counts;
  if ((status.observedGeneration ?? -1) < generation) return false;
  const count = (field: string): number => status[field] ?? 0;
  switch (object.kind) {
    case 'Deployment':
      return count('updatedReplicas') >= wanted && count('replicas') <= count('updatedReplicas') && count('availableReplicas') >= wanted;
    case 'StatefulSet':
      return count('updatedReplicas') >= wanted && count('readyReplicas') >= wanted;
    case 'DaemonSet':
      return count('updatedNumberScheduled') >= count('desiredNumberScheduled') && count('numberAvailable') >= count('desiredNumberScheduled');
    default:
      throw new Error(`${String(object.kind)} does not roll out`);
  }
}

/** What others need to be there when they are applied: objects of a namespace, objects of a kind. */
const goesFirst = ({ kind }: Manifest): boolean => kind === 'Namespace' || kind === 'CustomResourceDefinition';
const atOnce = 6;

/** Applies all, namespaces and definitions of kinds first, the rest a few at a time in their order. Stops at the first error. */
export async function applyAll(kube: Kube, manifests: readonly Manifest[]): Promise<void> {
  for (const group of [manifests.filter(goesFirst), manifests.filter((one) => !goesFirst(one))]) {
    const queue = group.values();
    await Promise.all(Array.from({ length: atOnce }, async () => {
      for (const manifest of queue) await kube.apply(manifest);
    }));
  }
}

/** Names of the workloads that are not there, or not complete. */
export async function unfinishedRollouts(kube: Kube, workloads: readonly Reference[]): Promise<string[]> {
  const objects = await Promise.all(workloads.map((reference) => kube.get<Workload>(pathOf(reference))));
  return workloads.filter(({ kind }, index) => !rolloutComplete(objects[index] && { ...objects[index], kind })).map(({ metadata }) => metadata.name);
}
