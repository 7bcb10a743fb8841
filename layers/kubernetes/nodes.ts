/** Nodes of a cluster, as far as lifecycle steps look at them. */
import type { Kube } from './client.ts';

export interface KubeNode {
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string>; resourceVersion?: string };
  spec: { unschedulable?: boolean; providerID?: string; taints?: { key: string; value?: string; effect: string; timeAdded?: string }[] };
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

export const isReady = ({ status }: KubeNode): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

export const listNodes = (kube: Kube, labelSelector?: string): Promise<KubeNode[]> =>
  kube.list<KubeNode>('/api/v1/nodes', labelSelector ? { labelSelector } : {});

export const readyNodes = async (kube: Kube): Promise<KubeNode[]> => (await listNodes(kube)).filter(isReady);

/**
 * How many of the API servers do not reach the nodes, so that logs, exec and webhooks fail by them: nodes dial every
 * master one after another. Asked as often as there are masters, as a load balancer deals connections out in turn.
 */
export async function mastersWithoutWay(kube: Kube, nodes: KubeNode[], masters: number): Promise<number> {
  if (nodes.length === 0) return 0;
  const reached = await Promise.all(Array.from({ length: masters }, (_, index) => kube.reachesNode(nodes[index % nodes.length]!.metadata.name)));
  return reached.filter((isReached) => !isReached).length;
}
