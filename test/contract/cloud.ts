/** The cloud that the contract is held against: a stand-in of this test file's own, or the one that was chosen. */
import { afterAll, expect, vi } from 'vitest';
import { cloudName, localCloud, readCloud, type CloudAccess, type Login } from '../../local/clouds.ts';
import { startCloud } from '../../local/openstack/cloud.ts';

/** With an administrator's login: the tests make their own projects and users. */
export type ContractCloud = CloudAccess & { admin: Login };

/** Answers come at once, at this scale; states last not too long to wait for, and long enough to be met by the next call. */
const scale = 100;
const latencies = {
  loadBalancerMs: 600, loadBalancerUpdateMs: 300, loadBalancerDeleteMs: 100, listenerMs: 300, poolMs: 50, memberMs: 50, healthMonitorMs: 50,
  serverMs: 600, serverNetworksMs: 300, serverDeleteMs: 200, serverPowerMs: 300, volumeMs: 200, volumeFromImageMs: 200, volumeDeleteMs: 200, volumeAttachMs: 50,
};

export const cloud: ContractCloud = await reach();

async function reach(): Promise<ContractCloud> {
  const name = cloudName(process.env.MOORAGE_CONTRACT_CLOUD ?? 'local');
  const access = name === 'local' ? await ownStandIn() : readCloud(name);
  if (!access.admin) throw new Error('The contract needs an administrator\'s login: set MOORAGE_ADMIN_CLOUD to an entry of clouds.yaml.');
  return { ...access, admin: access.admin };
}

async function ownStandIn(): Promise<CloudAccess> {
  const standIn = await startCloud({
    scale, latencies: Object.fromEntries(Object.entries(latencies).map(([what, ms]) => [what, ms * scale])),
  });
  afterAll(() => standIn.close());
  return localCloud(standIn);
}

/** Only what hangs meets it: a busy machine's cloud takes its time. */
export const patienceMs = 300_000;

/** Looks until it is as wanted; the cloud works in its own time. */
export function eventually(look: () => unknown): ReturnType<typeof expect.poll> {
  return expect.poll(look, { timeout: patienceMs, interval: 150 });
}

/** The same outside of expectations. */
export const until = (holds: () => Promise<boolean>): Promise<boolean> => vi.waitUntil(holds, { timeout: patienceMs, interval: 200 });
