/** A group's labels and taints on its nodes, without touching those that others set. */
import type { Kube } from './client.ts';
import type { KubeNode } from './nodes.ts';
import type { Taint } from './spec.ts';

/** What we set last time, so that what has been taken out of the group can be told from what is somebody else's. */
const annotation = 'moorage.io/group-settings';

interface Set { labels: Record<string, string>; taints: Taint[] }

/** The node has the group's labels and taints, and none that the group had before and has no more. */
export async function labelAndTaint(kube: Kube, node: KubeNode, { labels, taints }: Set): Promise<void> {
  const wanted = JSON.stringify({ labels: sorted(labels), taints });
  const before = node.metadata.annotations?.[annotation];
  if (before === wanted) return;
  const last = before ? JSON.parse(before) as Set : { labels: {}, taints: [] };
  const dropped = Object.fromEntries(Object.keys(last.labels).filter((key) => !(key in labels)).map((key) => [key, null]));
  const ours = [...last.taints, ...taints].map(idOf);
  const others = (node.spec.taints ?? []).filter((taint) => !ours.includes(idOf(taint)));
  await kube.patch(`/api/v1/nodes/${node.metadata.name}`, {
    // Taints are replaced as a whole: only if nobody has written meanwhile.
    metadata: { resourceVersion: node.metadata.resourceVersion, labels: { ...dropped, ...labels }, annotations: { [annotation]: wanted } },
    spec: { taints: [...others, ...taints.map(({ value, ...taint }) => ({ ...taint, ...(value ? { value } : {}) }))] },
  });
}

const idOf = ({ key, effect }: { key: string; effect: string }): string => `${key}:${effect}`;
const sorted = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b)));
