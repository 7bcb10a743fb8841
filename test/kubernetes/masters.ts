/** Loss and return of one master of several. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import * as nova from '../../layers/openstack/nova.ts';
import { statusOf } from './https.ts';
import { objectOf } from './pods.ts';
import { options, type World } from './world.ts';

/** Asks the user's API again and again until told to stop. Resolves with the longest time without an answer. */
async function longestSilence(world: World, isOver: () => boolean): Promise<number> {
  let last = Date.now();
  let longest = 0;
  while (!isOver()) {
    const isHeard = await statusOf(`${world.server}/readyz`, world.caPem).then((status) => status === 200, () => false);
    if (isHeard) last = Date.now();
    longest = Math.max(longest, Date.now() - last);
    await pause(100);
  }
  return longest;
}

export function mastersTests(world: () => World): void {
  test.runIf(options.masters > 1)('the user\'s API answers on while one master is lost, and the master finds its way back', async () => {
    const { admin, serviceProjectId, kubectl } = world();
    const masters = (await nova.listServers(admin, { all_tenants: true, project_id: serviceProjectId })).filter(({ name }) => name.includes('master'));
    let isOver = false;
    const silence = longestSilence(world(), () => isOver);
    await nova.stopServer(admin, masters[0]!.id);
    await reach(admin, masters[0]!.id, 'SHUTOFF');
    // Two of three members write.
    for (let turn = 0; turn < 20; turn += 1) {
      await kubectl(['annotate', 'namespace', 'default', '--overwrite', `moorage.test/turn=${turn}`]).catch(() => {});
      await pause(1_000);
    }
    expect((await objectOf<{ metadata: { annotations: Record<string, string> } }>(kubectl, 'namespace', 'default')).metadata.annotations['moorage.test/turn']).toBe('19');
    await nova.startServer(admin, masters[0]!.id);
    await reach(admin, masters[0]!.id, 'ACTIVE');
    isOver = true;
    console.log(`user's API, one of ${options.masters} masters lost: longest time without an answer ${((await silence) / 1_000).toFixed(1)} s`);
  });
}

async function reach(admin: World['admin'], serverId: string, status: string): Promise<void> {
  while ((await nova.getServer(admin, serverId))?.status !== status) await pause(500);
}
