/** Many objects into a cluster, and whether what they describe runs. */
import type { Kube } from '../kubernetes/client.ts';
import type { Manifest } from '../kubernetes/manifests/manifest.ts';
import { rolloutComplete } from '../kubernetes/rollout.ts';

/** So many at a time, in order: an object comes after those of the rounds before. */
const together = 8;

/** Kinds that others need first: a namespace, a type. */
const first = new Set(['Namespace', 'CustomResourceDefinition', 'PriorityClass']);

/** Every object is as given afterwards. Stops at the first that is refused. */
export async function applyAll(kube: Kube, manifests: readonly Manifest[]): Promise<void> {
  const groundwork = manifests.filter(({ kind }) => first.has(kind));
  const rest = manifests.filter(({ kind }) => !first.has(kind));
  for (const group of [groundwork, rest]) {
    for (let from = 0; from < group.length; from += together) {
      await Promise.all(group.slice(from, from + together).map((manifest) => kube.apply(manifest)));
    }
  }
}

/** The names of workloads in a namespace that have not rolled out; and how many there are in all. */
export async function listRollouts(kube: Kube, namespace: string): Promise<{ unfinished: string[]; all: number }> {
  const kinds = [['deployments', 'Deployment'], ['statefulsets', 'StatefulSet'], ['daemonsets', 'DaemonSet']] as const;
  const found = (await Promise.all(kinds.map(async ([plural, kind]) =>
    (await kube.list<Manifest>(`/apis/apps/v1/namespaces/${namespace}/${plural}`)).map((object) => ({ ...object, kind }))))).flat();
  return { unfinished: found.filter((object) => !rolloutComplete(object)).map(({ metadata }) => metadata.name), all: found.length };
}
