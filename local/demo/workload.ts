/** What a user of a cluster does with it: a deployment behind a standard load balancer, and a volume that outlives its pod. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Kubectl } from './kubectl.ts';

const image = 'docker.io/library/busybox:1.35';
/** Pods of the demo stop at once. */
const common = { terminationGracePeriodSeconds: 0 };

const deployment = (replicas: number): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'quay' },
  spec: {
    replicas, selector: { matchLabels: { app: 'quay' } },
    template: {
      metadata: { labels: { app: 'quay' } },
      spec: {
        ...common,
        containers: [{
          name: 'web', image, ports: [{ containerPort: 8080 }],
          command: ['sh', '-c', 'mkdir /www && echo "hello from $(hostname)" >/www/index.html && exec httpd -f -p 8080 -h /www'],
          readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
        }],
      },
    },
  },
});

const service: object = {
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'quay' },
  spec: { type: 'LoadBalancer', selector: { app: 'quay' }, ports: [{ port: 80, targetPort: 8080 }] },
};

const claim: object = {
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'log-book' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

const keeper = (command: string): object => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'keeper' },
  spec: {
    ...common, restartPolicy: 'Never', volumes: [{ name: 'book', persistentVolumeClaim: { claimName: 'log-book' } }],
    containers: [{ name: 'keeper', image, command: ['sh', '-c', command], volumeMounts: [{ name: 'book', mountPath: '/book' }] }],
  },
});

const apply = (kubectl: Kubectl, ...objects: object[]): Promise<string> =>
  kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));

export interface Served { address: string; answers: string[] }

/** A deployment of that many pods is ready and answers at its load balancer's address. */
export async function serve(kubectl: Kubectl, replicas: number): Promise<Served> {
  await apply(kubectl, deployment(replicas), service);
  await kubectl(['rollout', 'status', 'deployment/quay', '--timeout=600s']);
  await kubectl(['wait', 'service/quay', '--for=jsonpath={.status.loadBalancer.ingress[0].ip}', '--timeout=600s']);
  const address = (await kubectl(['get', 'service', 'quay', '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}'])).trim();
  return { address, answers: await answersOf(`http://${address}/`, replicas) };
}

/** Asked until as many pods have answered as there are, or it has been enough. */
async function answersOf(url: string, replicas: number): Promise<string[]> {
  const answers = new Set<string>();
  let complaint = '';
  for (let tries = 0; tries < 60 && answers.size < replicas; tries += 1) {
    try {
      answers.add((await (await fetch(url, { signal: AbortSignal.timeout(3_000), headers: { connection: 'close' } })).text()).trim());
    } catch (error) {
      complaint = (error as Error).message;
      await pause(500);
    }
  }
  if (answers.size === 0) throw new Error(`${url} does not answer: ${complaint}`);
  return [...answers];
}

/** A pod writes to a volume and goes; another one reads it. Resolves with what was read. */
export async function keepBook(kubectl: Kubectl): Promise<string> {
  await apply(kubectl, claim, keeper('echo "written by the first pod" >/book/page && sync'));
  await ended(kubectl);
  await kubectl(['delete', 'pod', 'keeper']);
  await apply(kubectl, keeper('cat /book/page'));
  await ended(kubectl);
  return (await kubectl(['logs', 'keeper'])).trim();
}

async function ended(kubectl: Kubectl): Promise<void> {
  await kubectl(['wait', 'pod/keeper', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=600s']);
}
