/** From pod to pod: on the same node, on another, by a Service and by its name. */
import { expect, test } from 'vitest';
import { objectOf, startPod, within } from './pods.ts';
import { options, type World } from './world.ts';

/** Not the pod's own name, by which it finds itself without asking anybody. */
const serviceOf = (pod: string): string => `${pod}-service`;

export function podNetworkTests(world: () => World): void {
  test.runIf(options.workers > 1)('a pod reaches pods of its own node and of another: by address, by Service, by name', async () => {
    const { kubectl } = world();
    const { items } = await objectOf<{ items: { metadata: { name: string } }[] }>(kubectl, 'nodes');
    const nodes = items.slice(0, 2).map(({ metadata }) => metadata.name);
    for (const [index, nodeName] of nodes.entries()) {
      const name = `pier-${index}`;
      await startPod(kubectl, name, { nodeName, labels: { pier: name }, command: `mkdir /www && echo ${name} >/www/index.html && exec httpd -f -p 8080 -h /www` });
      await kubectl(['apply', '-f', '-'], JSON.stringify({
        apiVersion: 'v1', kind: 'Service', metadata: { name: serviceOf(name) }, spec: { selector: { pier: name }, ports: [{ port: 80, targetPort: 8080 }] },
      }));
    }
    for (const from of ['pier-0', 'pier-1']) {
      for (const to of ['pier-0', 'pier-1']) {
        const { status: { podIP } } = await objectOf<{ status: { podIP: string } }>(kubectl, 'pod', to);
        const { spec: { clusterIP } } = await objectOf<{ spec: { clusterIP: string } }>(kubectl, 'service', serviceOf(to));
        for (const place of [`${podIP} 8080`, `${clusterIP} 80`, `${serviceOf(to)} 80`]) {
          // A node takes a moment to learn of a Service, and a Service of its pods.
          expect(await within(kubectl, from, `for try in $(seq 30); do printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${place} && break; sleep 1; done`), `${from} to ${place}`).toContain(`\n${to}\n`);
        }
      }
    }
  });
}
