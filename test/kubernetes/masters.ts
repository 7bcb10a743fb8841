/** Loss and return of one master of several. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import * as nova from '../../layers/openstack/nova.ts';
import { statusOf } from './https.ts';
import { objectOf, startPod } from './pods.ts';
import { options, type World } from './world.ts';

/** Asks the user's API again and again until told to stop. Resolves with the longest time from one answer to the next. */
async function longestSilence(world: World, isOver: () => boolean): Promise<number> {
  let last = Date.now();
  let longest = 0;
  while (!isOver()) {
    const isHeard = await statusOf(`${world.server}/readyz`, world.caPem).then((status) => status === 200, () => false);
    longest = Math.max(longest, Date.now() - last);
    if (isHeard) last = Date.now();
    await pause(100);
  }
  return longest;
}

/** Resolves when the cluster has taken it: when etcd has a majority. */
async function write(kubectl: World['kubectl'], turn: string): Promise<void> {
  for (;;) {
    const isWritten = await kubectl(['annotate', 'namespace', 'default', '--overwrite', `moorage.test/turn=${turn}`, '--request-timeout=10s']).then(() => true, () => false);
    if (isWritten) return;
    await pause(500);
  }
}

/** Whether its part of the user's control plane runs on the master. */
async function carriesControlPlane({ running: { machines } }: World, name: string): Promise<boolean> {
  const pods = (await machines!.podMemory!().catch(() => [])).filter(({ machine, namespace, mib }) => machine === name && namespace === 'user-cluster' && mib > 0);
  return ['etcd', 'kube-apiserver'].every((part) => pods.some(({ pod }) => pod.startsWith(part)));
}

export function mastersTests(world: () => World): void {
  test.runIf(options.masters > 1)('one of several masters dies and comes back, then another: the user\'s API answers on, and writes', async () => {
    const { admin, serviceProjectId, kubectl, running: { machines } } = world();
    const [first, second] = (await nova.listServers(admin, { all_tenants: true, project_id: serviceProjectId })).filter(({ name }) => name.includes('master'));
    let isOver = false;
    const silence = longestSilence(world(), () => isOver);
    // Its server stays ACTIVE: nobody is told.
    await machines!.cutPower!(first!.id);
    for (let turn = 0; turn < 20; turn += 1) {
      await write(kubectl, `${turn}`);
      await pause(1_000);
    }
    isOver = true;
    console.log(`user's API, one of ${options.masters} masters lost: longest time without an answer ${((await silence) / 1_000).toFixed(1)} s`);
    // What reaches nodes goes by the masters that are left.
    await startPod(kubectl, 'lookout', { command: 'echo ahoy; sleep 100000' });
    expect(await kubectl(['logs', 'lookout'])).toBe('ahoy\n');
    machines!.restorePower!(first!.id);
    while (!await carriesControlPlane(world(), first!.name)) await pause(500);
    // With another one lost nothing can be written, unless the first is a member again.
    await machines!.cutPower!(second!.id);
    await write(kubectl, 'without the second');
    const { metadata } = await objectOf<{ metadata: { annotations: Record<string, string> } }>(kubectl, 'namespace', 'default');
    expect(metadata.annotations['moorage.test/turn']).toBe('without the second');
    machines!.restorePower!(second!.id);
  });
}
