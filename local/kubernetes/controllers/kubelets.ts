/** What the kubelets of all nodes make of their pods: started, waiting for something, ready after a while. */
import { timestamp } from '../api.ts';
import type { Api } from '../api.ts';
import type { Control, Controller } from './control.ts';
import { resources, withCondition, type Condition, type ContainerSpec, type Node, type Pod } from './kinds.ts';

export interface Waiting { reason: string; message: string }

export interface KubeletOptions {
  /** Whether the node's machine runs. */
  nodeRuns: (name: string) => boolean;
  /** From its start until the pod is ready. */
  readyAfterMs: (pod: Pod) => number;
  /** What else keeps a pod from being ready, such as an API that its process needs. */
  hold?: (pod: Pod) => Waiting | undefined;
  /** Whether a registry has the image. Left out: every image whose name is one,
    and whose registry is not in `.invalid`. */
  imageExists?: (image: string) => boolean;
}

const imageName = /^[a-z0-9]+([._-][a-z0-9]+)*(\.[a-z0-9-]+)*(:\d+)?(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;
export const plausibleImage = (image: string): boolean =>
  imageName.test(image) && !/^[^/]*\.invalid(:\d+)?\//.test(image);

function missing(api: Api, namespace: string | undefined, kind: 'secret' | 'configmap',
  reference: { name?: string | undefined; optional?: boolean | undefined } | undefined,
    key?: string): string | undefined {
  if (!reference?.name || reference.optional) return undefined;
  const object = api.find({ resource: kind === 'secret' ? resources.secrets : resources.configMaps, namespace,
    name: reference.name });
  if (!object) return `${kind} "${reference.name}" not found`;
  return key !== undefined && !(key in (object.data as object ?? {}))
    ? `couldn't find key ${key} in ${kind} ${namespace}/${reference.name}` : undefined;
}

function volumeProblem(api: Api, { metadata: { namespace }, spec }: Pod): Waiting | undefined {
  for (const { name, secret, configMap, projected, persistentVolumeClaim } of spec.volumes ?? []) {
    const message = missing(api, namespace, 'secret', secret && { name: secret.secretName, optional: secret.optional })
      ?? missing(api, namespace, 'configmap', configMap)
      ?? (projected?.sources ?? [])
        .map((source) => missing(api, namespace, 'secret', source.secret)
          ?? missing(api, namespace, 'configmap', source.configMap)).find(Boolean)
      ?? claimProblem(api, namespace, persistentVolumeClaim?.claimName);
    if (message) return { reason: 'ContainerCreating',
      message: `MountVolume.SetUp failed for volume "${name}": ${message}` };
  }
  return undefined;
}

function claimProblem(api: Api, namespace: string | undefined, name: string | undefined): string | undefined {
  if (!name) return undefined;
  const claim = api.find({ resource: resources.claims, namespace, name });
  if (!claim) return `persistentvolumeclaim "${name}" not found`;
  return (claim.status as { phase?: string } | undefined)?.phase === 'Bound' ? undefined
    : `persistentvolumeclaim "${name}" is not bound`;
}

function containerProblem(api: Api, namespace: string | undefined, container: ContainerSpec,
  imageExists: (image: string) => boolean): Waiting | undefined {
  if (!imageExists(container.image)) {
    return { reason: 'ErrImagePull', message: `failed to pull and unpack image "${container.image}": not found` };
  }
  const references = [
    ...(container.envFrom ?? [])
      .map(({ secretRef, configMapRef }) =>
        missing(api, namespace, 'secret', secretRef) ?? missing(api, namespace, 'configmap', configMapRef)),
    ...(container.env ?? []).map(({ valueFrom }) =>
      missing(api, namespace, 'secret', valueFrom?.secretKeyRef, valueFrom?.secretKeyRef?.key)
      ?? missing(api, namespace, 'configmap', valueFrom?.configMapKeyRef, valueFrom?.configMapKeyRef?.key)),
  ];
  const message = references.find(Boolean);
  return message ? { reason: 'CreateContainerConfigError', message } : undefined;
}

function problemOf(api: Api, pod: Pod, options: KubeletOptions): Waiting | undefined {
  const volume = volumeProblem(api, pod);
  if (volume) return volume;
  for (const container of [...pod.spec.initContainers ?? [], ...pod.spec.containers]) {
    const problem = containerProblem(api, pod.metadata.namespace, container, options.imageExists ?? plausibleImage);
    if (problem) return problem;
  }
  return options.hold?.(pod);
}

function statusOf(before: Pod['status'], pod: Pod, ready: boolean, waiting: Waiting | undefined,
  facts: { startTime: string; hostIp: string; now: string }): Pod['status'] {
  const readyCondition: Condition = ready ? { type: 'Ready', status: 'True' } : {
    type: 'Ready', status: 'False', reason: 'ContainersNotReady',
    message: waiting ? `${waiting.reason}: ${waiting.message}`
      : `containers with unready status: [${pod.spec.containers.map(({ name }) => name).join(' ')}]`,
  };
  const scheduled: Condition = { type: 'PodScheduled', status: 'True' };
  const conditions = [scheduled, { ...readyCondition, type: 'ContainersReady' }, readyCondition]
    .reduce((all, condition) => withCondition(all, condition, facts.now), before?.conditions ?? []);
  return {
    ...before, phase: waiting && !before?.podIP ? 'Pending' : 'Running', startTime: facts.startTime,
      hostIP: facts.hostIp, conditions,
    ...(!waiting && { podIP: pod.spec.hostNetwork ? facts.hostIp : before?.podIP ?? podAddress(pod) }),
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      name, image, imageID: '', ready, started: !waiting, restartCount: 0,
      state: waiting ? { waiting } : { running: { startedAt: facts.startTime } },
    })),
  };
}

/** An address of the pods' network: stays the same for the pod. */
function podAddress({ metadata: { uid } }: Pod): string {
  const bytes = Buffer.from(uid.replaceAll('-', ''), 'hex');
  return `10.100.${bytes[0]! % 250}.${1 + bytes[1]! % 250}`;
}

const addressOf = (node: Node): string =>
  node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '';

/** A pod's start is kept in its status, to the millisecond: a restart of this process does not start it again. */
export function kubelets(options: KubeletOptions): Controller {
  return function kubelet({ api, nowMs, wakeAt }: Control): void {
    const nodes = new Map((api.list(resources.nodes) as Node[]).map((node) => [node.metadata.name, node]));
    for (const pod of api.list(resources.pods) as Pod[]) {
      const node = nodes.get(pod.spec.nodeName ?? '');
      if (!node || !options.nodeRuns(node.metadata.name)) continue;
      const waiting = problemOf(api, pod, options);
      // What waits has not started: its time counts from when nothing is missing any more.
      const startedMs = waiting || !pod.status?.podIP ? nowMs() : Date.parse(pod.status.startTime ?? '');
      const readyAt = startedMs + options.readyAfterMs(pod);
      const ready = !waiting && nowMs() >= readyAt;
      if (!waiting && !ready) wakeAt(readyAt);
      const startTime = waiting && pod.status?.startTime ? pod.status.startTime : new Date(startedMs).toISOString();
      api.writeStatus({ resource: resources.pods, namespace: pod.metadata.namespace, name: pod.metadata.name },
        (before) =>
        statusOf(before as Pod['status'], pod, ready, waiting,
          { startTime, hostIp: addressOf(node), now: timestamp(api.now()) }));
    }
  };
}
