/** Another certificate authority for the running cluster: real programs are who must accept both. Last but the end: nodes are replaced. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { follow, newestOperation } from '../../local/demo/follow.ts';
import { openKubectl, type Kubectl } from '../../local/demo/kubectl.ts';
import { statusOf } from './https.ts';
import { objectOf } from './pods.ts';
import { options, type World } from './world.ts';

interface Node { metadata: { uid: string }; status: { conditions: { type: string; status: string }[] } }

const nodesOf = async (kubectl: Kubectl): Promise<Node[]> => (await objectOf<{ items: Node[] }>(kubectl, 'nodes')).items;

const works = (name: string, command: string) => JSON.stringify({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'docker.io/library/busybox:1.35', command: ['sh', '-c', command] }] },
    },
  },
});

export function rotationTests(world: () => World): void {
  test('the authority is rotated: API, nodes and workloads go on, kubeconfigs from before do not', async () => {
    const { api, clusterId, kubectl, version, kubeconfigFile, server, caPem } = world();
    await kubectl(['create', 'configmap', 'kept', '--from-literal=tide=low']);
    await kubectl(['apply', '-f', '-'], works('lookout', 'echo ahoy; sleep 100000'));
    await kubectl(['rollout', 'status', 'deployment/lookout', '--timeout=180s']);
    const before = (await nodesOf(kubectl)).map(({ metadata }) => metadata.uid);
    expect(before).toHaveLength(options.workers);
    const { uuid } = await api.call<{ uuid: string }>('GET', `/v2/clusters/${clusterId}`);
    await api.call('PATCH', `/v1/certificates/${uuid}`, undefined, { 'openstack-api-version': 'container-infra latest' });

    const silences: number[] = [];
    let isOver = false;
    const listening = (async () => {
      for (let last = Date.now(); !isOver; await pause(250)) {
        // Who trusts the old authority alone is answered until nothing is of it any more.
        const isHeard = await statusOf(`${server}/readyz`, caPem).then((status) => status === 200, () => false);
        silences.push(Date.now() - last);
        if (isHeard) last = Date.now();
      }
    })();
    const done = await follow(api, clusterId, await newestOperation(api, clusterId, 'rotateAuthority'), 'rotate');
    isOver = true;
    await listening;
    console.log(`user's API by the old authority: longest time without an answer ${(Math.max(...silences.slice(0, -20)) / 1_000).toFixed(1)} s`);
    expect(done.parts.map(({ flow, status }) => `${flow} ${status}`)).toEqual(before.map(() => 'replaceNodes succeeded'));

    const fresh = await api.text('POST', `/v2/clusters/${clusterId}/kube_config`);
    const renewed = openKubectl(version, fresh, `${kubeconfigFile}.renewed`);
    const nodes = await nodesOf(renewed);
    expect(nodes.filter(({ metadata }) => before.includes(metadata.uid))).toEqual([]);
    expect(nodes.map(({ status }) => status.conditions.find(({ type }) => type === 'Ready')?.status)).toEqual(before.map(() => 'True'));
    for (const part of ['daemonset/kube-proxy', 'daemonset/konnectivity-agent', 'deployment/coredns']) {
      await renewed(['rollout', 'status', part, '--namespace=kube-system', '--timeout=180s']);
    }
    await renewed(['rollout', 'status', 'deployment/lookout', '--timeout=180s']);
    // An API server is let in by the new node's kubelet.
    expect(await renewed(['logs', 'deployment/lookout'])).toBe('ahoy\n');
    expect(await renewed(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.tide}'])).toBe('low');
    const { clusters: [cluster] } = parse(fresh) as { clusters: { cluster: { 'certificate-authority-data': string } }[] };
    const authority = Buffer.from(cluster!.cluster['certificate-authority-data'], 'base64').toString();
    expect((await renewed(['get', 'configmap', 'kube-root-ca.crt', '-o', 'jsonpath={.data.ca\\.crt}'])).trim()).toBe(authority.trim());
    expect(authority).not.toBe(caPem);
    // A controller of the cluster's own, with a service account, works by the new authority: what is asked for is made.
    await renewed(['scale', 'deployment/lookout', '--replicas=2']);
    await renewed(['rollout', 'status', 'deployment/lookout', '--timeout=180s']);

    await expect(kubectl(['get', 'nodes', '--request-timeout=20s'])).rejects.toThrow(/certificate|Unauthorized|logged in/);
    await expect(kubectl(['get', 'nodes', '--request-timeout=20s', '--insecure-skip-tls-verify=true'])).rejects.toThrow(/Unauthorized|logged in|insecure/);
  });
}
