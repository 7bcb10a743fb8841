/** Empties nodes before they go: no new pods, and those that are there are asked to leave, as their budgets allow. */
import type { Kube } from './client.ts';

interface Pod {
  metadata: { name: string; namespace: string; annotations?: Record<string, string>; ownerReferences?: { kind: string; controller?: boolean }[]; deletionTimestamp?: string };
  status?: { phase?: string };
}

/** Cordons the nodes and asks their pods to leave, once. Answers how many are still there. */
export async function drain(kube: Kube, names: readonly string[]): Promise<number> {
  const remaining = await Promise.all(names.map(async (name) => {
    if (!await kube.get(`/api/v1/nodes/${name}`)) return 0;
    await kube.patch(`/api/v1/nodes/${name}`, { spec: { unschedulable: true } });
    const pods = (await kube.list<Pod>('/api/v1/pods', { fieldSelector: `spec.nodeName=${name}` })).filter(mustLeave);
    await Promise.all(pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => kube.evict(metadata)));
    return pods.length;
  }));
  return remaining.reduce((sum, count) => sum + count, 0);
}

/** Daemons come back at once, mirror pods follow the kubelet, and what has ended need not move. */
function mustLeave({ metadata, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false;
  if (metadata.annotations?.['kubernetes.io/config.mirror']) return false;
  return !metadata.ownerReferences?.some(({ kind, controller }) => kind === 'DaemonSet' && controller);
}
