/** From the control plane to the nodes: what goes through konnectivity. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { objectOf, startPod, within } from './pods.ts';
import type { World } from './world.ts';

export function tunnelTests(world: () => World): void {
  test('logs and exec reach a pod', async () => {
    const { kubectl } = world();
    await startPod(kubectl, 'bell', { command: 'echo ding; sleep 100000' });
    expect(await kubectl(['logs', 'bell'])).toBe('ding\n');
    expect(await within(kubectl, 'bell', 'echo "$HOSTNAME"')).toBe('bell\nended 0\n');
  });

  test('port-forward reaches a port of a pod', async () => {
    const { kubectl } = world();
    await startPod(kubectl, 'door', { command: 'mkdir /www && echo open >/www/index.html && exec httpd -f -p 8080 -h /www' });
    const forward = kubectl.start(['port-forward', 'pod/door', ':8080']);
    try {
      const [line] = await once(forward.stdout!, 'data') as [Buffer];
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(line.toString())!;
      const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(20_000) });
      expect(await answer.text()).toBe('open\n');
    } finally {
      forward.kill();
    }
  });

  test('an admission webhook in a pod is asked, and its failure told', async () => {
    // The API server must reach the Service to say more than that it cannot: what it says names the address it has tried.
    // It speaks no TLS, which only somebody who has reached it can tell.
    const { kubectl } = world();
    await startPod(kubectl, 'hook', { command: 'mkdir /www && exec httpd -f -p 8443 -h /www', labels: { app: 'hook' } });
    await kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook' }, spec: { selector: { app: 'hook' }, ports: [{ port: 443, targetPort: 8443 }] } },
      {
        apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'hook' },
        webhooks: [{
          name: 'hook.moorage.test', admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Fail', timeoutSeconds: 10,
          clientConfig: { service: { namespace: 'default', name: 'hook', path: '/' } },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
          objectSelector: { matchLabels: { hooked: 'yes' } },
        }],
      },
    ] }));
    const hooked = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hooked', labels: { hooked: 'yes' } } });
    // A node takes a moment to learn of the Service, and the API server of the webhook.
    let complaint = '';
    while (!/server gave HTTP response to HTTPS client/.test(complaint)) {
      complaint = await kubectl(['create', '--dry-run=server', '-f', '-'], hooked).catch((error: unknown) => (error as Error).message);
    }
    expect(complaint).toContain('failed calling webhook "hook.moorage.test"');
    await kubectl(['delete', 'validatingwebhookconfiguration', 'hook']);
    await kubectl(['create', '-f', '-'], hooked);
    expect((await objectOf<{ metadata: { name: string } }>(kubectl, 'configmap', 'hooked')).metadata.name).toBe('hooked');
  });
}
