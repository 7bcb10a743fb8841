/** What the user of a cluster cannot do, with all the rights of its admin kubeconfig. */
import { expect, test } from 'vitest';
import { ports } from '../../layers/kubernetes/spec.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import { objectOf, startPod, within } from './pods.ts';
import type { World } from './world.ts';

interface Named { metadata: { name: string; namespace: string } }

export function limitsTests(world: () => World): void {
  test('the control plane\'s pods are not in the user\'s cluster', async () => {
    const { items } = await objectOf<{ items: Named[] }>(world().kubectl, 'pods', '--all-namespaces');
    const names = items.map(({ metadata }) => metadata.name).filter((name) =>
      /^(etcd|kube-apiserver|kube-controller-manager|kube-scheduler|konnectivity-server|cloud-|cinder-csi-controller)/.test(name));
    expect(items.length).toBeGreaterThan(0);
    expect(names).toEqual([]);
    const { items: namespaces } = await objectOf<{ items: Named[] }>(world().kubectl, 'namespaces');
    expect(namespaces.map(({ metadata }) => metadata.name)).not.toContain('user-cluster');
  });

  test('no Secret and no ConfigMap of the cluster holds a credential of the platform', async () => {
    const { kubectl } = world();
    for (const kind of ['secrets', 'configmaps']) {
      const { items } = await objectOf<{ items: { metadata: { name: string }; data?: Record<string, string> }[] }>(kubectl, kind, '--all-namespaces');
      for (const { metadata: { name }, data = {} } of items) {
        for (const text of Object.values(data)) {
          const plain = kind === 'secrets' ? Buffer.from(text, 'base64').toString() : text;
          expect(/application-credential|-----BEGIN .*PRIVATE KEY|auth-url/.test(plain), `${kind} ${name}`).toBe(false);
        }
      }
    }
  });

  test('the user\'s certificate opens nothing at the system cluster\'s API, which has authorities of its own', async () => {
    const { kubectl, server } = world();
    const system = server.replace(/:\d+$/, `:${ports.system.api}`);
    await expect(kubectl([`--server=${system}`, '--request-timeout=10s', 'get', 'nodes'])).rejects.toThrow(/certificate signed by unknown authority|unable to connect|timeout/i);
    await expect(kubectl([`--server=${system}`, '--insecure-skip-tls-verify=true', '--certificate-authority=', '--request-timeout=10s', 'get', 'nodes'])).rejects.toThrow();
  });

  test('a pod, on its own network or its node\'s, reaches no port of a master', async () => {
    const { kubectl, admin, serviceProjectId } = world();
    const masters = (await neutron.listPorts(admin)).filter(({ project_id, name }) => project_id === serviceProjectId && /master/.test(name));
    expect(masters.length).toBeGreaterThan(0);
    await startPod(kubectl, 'prober');
    await kubectl(['apply', '-f', '-'], JSON.stringify({
      apiVersion: 'v1', kind: 'Pod', metadata: { name: 'node-prober' },
      spec: { hostNetwork: true, terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'docker.io/library/busybox:1.35', command: ['sleep', '100000'] }] },
    }));
    await kubectl(['wait', 'pod/node-prober', '--for=condition=Ready', '--timeout=120s']);
    const places = masters.flatMap(({ fixed_ips: [first] }) =>
      [ports.system.api, ports.user.api, ports.system.etcdClient, ports.user.etcdClient, 10_250].map((port) => `${first!.ip_address} ${port}`));
    for (const pod of ['prober', 'node-prober']) {
      for (const place of places) expect(await within(kubectl, pod, `nc -w 2 ${place} </dev/null`), `${pod} to ${place}`).toMatch(/ended [^0]/);
    }
    // The way that there is works from the same places: the probe can tell.
    expect(await within(kubectl, 'node-prober', `nc -w 2 ${vipOf(masters[0]!.fixed_ips[0]!.ip_address)} ${ports.user.api} </dev/null`)).toMatch(/ended 0/);
  });
}

const vipOf = (master: string): string => master.replace(/\d+$/, '5');
