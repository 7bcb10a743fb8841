/** Pods that tests run in the cluster, and words said in them. */
import type { Kubectl } from '../../local/demo/kubectl.ts';

const image = 'docker.io/library/busybox:1.35';

/** A pod that stays, Ready when this resolves; the claim is at its /data. */
export async function startPod(kubectl: Kubectl, name: string, spec: { command?: string; nodeName?: string; claim?: string; labels?: Record<string, string> } = {}): Promise<void> {
  await kubectl(['apply', '-f', '-'], JSON.stringify({
    apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: spec.labels ?? {} },
    spec: {
      terminationGracePeriodSeconds: 0, ...(spec.nodeName && { nodeName: spec.nodeName }),
      ...(spec.claim && { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: spec.claim } }] }),
      containers: [{
        name: 'main', image, command: ['sh', '-c', spec.command ?? 'sleep 100000'],
        ...(spec.claim && { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
      }],
    },
  }));
  await kubectl(['wait', `pod/${name}`, '--for=condition=Ready', '--timeout=180s']);
}

/** What the words wrote, with how they ended. */
export const within = (kubectl: Kubectl, pod: string, words: string): Promise<string> =>
  kubectl(['exec', pod, '--', 'sh', '-c', `${words} 2>&1; echo "ended $?"`]);

export const objectOf = async <T>(kubectl: Kubectl, ...names: string[]): Promise<T> =>
  JSON.parse(await kubectl(['get', ...names, '-o', 'json'])) as T;
