/** A machine's kubelet as the API sees it: registers its node, and says whether it is ready. */
import { mayLabelItself } from '../kubernetes/restrict-node.ts';
import { callApi, complaint, type KubeletClientOptions } from './kubelet-client.ts';
import { BadData, type KubeletData } from './machine-data.ts';

const nodes = '/api/v1/nodes';

/** The kubelet refuses to start with labels that are not its to set. */
export function requireOwnLabels({ labels }: KubeletData): void {
  const others = Object.keys(labels).filter((label) => !mayLabelItself(label));
  if (others.length > 0) throw new BadData(`kubelet: unknown 'kubernetes.io' or 'k8s.io' labels specified with --node-labels: [${others.join(' ')}]`);
}

function nodeObject({ name, labels, taints, providerId, kubeconfig: _ }: KubeletData): object {
  const own = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
  const unready = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  return {
    apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { ...own, ...labels } },
    spec: { taints: [...taints, unready], ...(providerId && { providerID: providerId }) },
  };
}

function statusOf({ name, address }: KubeletData, version: string, ready: boolean, message: string): object {
  const condition = (type: string, status: string, reason: string, text: string): object =>
    ({ type, status, reason, message: text, lastTransitionTime: new Date().toISOString().replace(/\.\d+/, '') });
  const resources = { cpu: '2', memory: '4Gi', pods: '110' };
  return {
    addresses: [{ type: 'InternalIP', address }, { type: 'Hostname', address: name }],
    capacity: resources, allocatable: resources,
    nodeInfo: { kubeletVersion: version, osImage: 'Ubuntu 24.04 LTS', operatingSystem: 'linux', architecture: 'amd64',
      containerRuntimeVersion: 'containerd://2.0.0' },
    conditions: [
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition('Ready', ready ? 'True' : 'False', ready ? 'KubeletReady' : 'KubeletNotReady', message),
    ],
  };
}

/** The node exists afterwards. Throws with the API's words when it refuses. */
export async function register(client: KubeletClientOptions, data: KubeletData, version: string): Promise<void> {
  const made = await callApi(client, 'POST', nodes, nodeObject(data));
  if (made.status !== 201 && made.status !== 409) throw new Error(`Unable to register node "${data.name}" with API server: ${complaint(made)}`);
  await report(client, data, version, false,
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized');
}

/** Says whether the node is ready. Throws when the API does not take it. */
export async function report(client: KubeletClientOptions, data: KubeletData, version: string, ready: boolean,
  message: string): Promise<void> {
  const body = { status: statusOf(data, version, ready, message) };
  const answer = await callApi(client, 'PATCH', `${nodes}/${data.name}/status`, body, 'application/merge-patch+json');
  if (answer.status !== 200) throw new Error(`Error updating node status: ${complaint(answer)}`);
}

interface RunningPod { spec: { volumes?: { hostPath?: { path: string } }[] }; status?: { conditions?: { type: string; status: string }[] } }

/** Whether a pod that brings a network plug-in runs on the node. */
export async function hasPodNetwork(client: KubeletClientOptions, { name }: KubeletData): Promise<boolean> {
  const { status, body } = await callApi(client, 'GET',
    `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`);
  if (status !== 200) return false;
  return (body.items as RunningPod[])
    .some((pod) => (pod.spec.volumes ?? []).some(({ hostPath }) => hostPath?.path.startsWith('/etc/cni/net.d'))
    && (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True'));
}
