/** Reads a cluster's nodes with the kubeconfig that its user got: over HTTPS, with every certificate verified. */
import { parse } from 'yaml';
import { openKube } from '../../layers/kubernetes/client.ts';
import { isReady, listNodes, type KubeNode } from '../../layers/kubernetes/nodes.ts';

interface KubeConfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

export async function readNodes(kubeconfig: string): Promise<{ server: string; nodes: KubeNode[] }> {
  const { clusters: [cluster], users: [user] } = parse(kubeconfig) as KubeConfig;
  const text = (base64: string) => Buffer.from(base64, 'base64').toString();
  const { server } = cluster!.cluster;
  const kube = openKube({
    server, caPem: text(cluster!.cluster['certificate-authority-data']), timeoutMs: 10_000,
    certPem: text(user!.user['client-certificate-data']), keyPem: text(user!.user['client-key-data']),
  });
  try {
    return { server, nodes: await listNodes(kube) };
  } finally {
    kube.close();
  }
}

/** As `kubectl get nodes -o wide` would have it. */
export function nodeLines(nodes: readonly (KubeNode & { status?: { addresses?: { type: string; address: string }[]; nodeInfo?: { kubeletVersion?: string } } })[]): string[] {
  const rows = nodes.map((node) => [
    node.metadata.name, isReady(node) ? 'Ready' : 'NotReady', node.status?.nodeInfo?.kubeletVersion ?? '',
    node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '', node.spec.providerID ?? '',
  ]);
  const all = [['NAME', 'STATUS', 'VERSION', 'INTERNAL-IP', 'PROVIDER-ID'], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}`);
}
