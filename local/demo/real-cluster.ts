/** A cluster of Kubernetes' own programs, as its user and its operator see it: nodes, work, figures. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Operation } from '../../schemas/generated/types.ts';
import type { Session } from '../../layers/openstack/session.ts';
import type { Machines } from '../machines/machines.ts';
import { visit } from '../machines/vm/visitor.ts';
import type { Api } from './api.ts';
import { openKubectl, type Kubectl } from './kubectl.ts';
import { shares } from './shares.ts';
import { keepBook, serve } from './workload.ts';

const namespace = 'user-cluster';

export async function openClusterKubectl(api: Api, clusterId: string, version: string, dataDir: string): Promise<Kubectl> {
  return openKubectl(version, await api.text('POST', `/v2/clusters/${clusterId}/kube_config`), join(dataDir, 'kubeconfig.yaml'));
}

/** The nodes, as somebody on the user's network sees them: through its router, to the floating address of the API. */
export async function visitCluster(kubectl: Kubectl, admin: Session, networkId: string, say: (line: string) => void): Promise<void> {
  const visitor = await visit(admin, networkId);
  try {
    say(`\nkubectl get nodes -o wide, from ${visitor.address} on the user's network`);
    await patiently(() => showNodes(kubectl.behind(visitor.prefix), say));
  } finally {
    await visitor.leave();
  }
}

const tries = 20;

/** kubectl gives a TLS handshake ten seconds; a control plane under emulation that has just come up may take longer for one. */
async function patiently(look: () => Promise<void>): Promise<void> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await look();
    } catch (error) {
      if (left === 0 || !/Unable to connect to the server|TLS handshake timeout/.test((error as Error).message)) throw error;
      await pause(3_000);
    }
  }
}

/** Nodes as kubectl shows them, a line for each. */
async function showNodes(kubectl: Kubectl, say: (line: string) => void): Promise<void> {
  for (const line of (await kubectl(['get', 'nodes', '-o', 'wide'])).trim().split('\n')) say(`  ${line}`);
}

/** Nodes as kubectl shows them, a deployment through its load balancer, a volume; a line for each. */
export async function useCluster(kubectl: Kubectl, say: (line: string) => void): Promise<void> {
  say('\nkubectl get nodes -o wide');
  await showNodes(kubectl, say);
  const { address, answers } = await serve(kubectl, 2);
  say(`\nA deployment behind a standard load balancer, asked at http://${address}/: ${answers.join('; ')}`);
  say(`A volume, read by a second pod: ${await keepBook(kubectl)}`);
}

interface ReadyNode { metadata: { name: string }; status: { conditions: { type: string; status: string; lastTransitionTime: string }[] } }

/** Seconds from the request to the first and to all nodes Ready, what they were spent on, and what the cluster's machines carry. */
export async function figureLines(kubectl: Kubectl, operation: Operation, machines: Machines | undefined): Promise<string[]> {
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: ReadyNode[] };
  const startedAt = Date.parse(operation.created_at);
  const seconds = items.flatMap(({ status }) => status.conditions.filter(({ type }) => type === 'Ready')
    .map(({ lastTransitionTime }) => (Date.parse(lastTransitionTime) - startedAt) / 1_000)).toSorted((a, b) => a - b);
  return [
    `from the request to the first node Ready ${seconds[0]} s, to all ${items.length} Ready ${seconds.at(-1)} s; of the whole creation:`,
    ...shares(operation).map(({ title, ms, share }) => `  ${title.padEnd(44)} ${(ms / 1_000).toFixed(1).padStart(6)} s  ${(share * 100).toFixed(0).padStart(3)} %`),
    ...await memoryLines(machines),
    ...(machines?.userDataSizes?.() ?? []).map(({ name, characters }) => `cloud-init data of ${name}: ${characters} of 65535 characters`),
  ];
}

async function memoryLines(machines: Machines | undefined): Promise<string[]> {
  const pods = await machines?.podMemory?.() ?? [];
  const masters = Map.groupBy(pods.filter((pod) => pod.namespace === namespace), ({ machine }) => machine);
  return [...masters].flatMap(([machine, own]) => {
    const rest = pods.filter((pod) => pod.machine === machine && pod.namespace !== namespace);
    const sum = (of: readonly { mib: number }[]): number => of.reduce((total, { mib }) => total + mib, 0);
    return [`memory on ${machine}: the user's control plane ${sum(own)} MiB, the system cluster ${sum(rest)} MiB`,
      ...own.toSorted((a, b) => b.mib - a.mib).map(({ pod, mib }) => `  ${pod.padEnd(56)} ${String(mib).padStart(5)} MiB`)];
  });
}
