/**
 * What is played beside virtual machines: amphorae alone. Servers, volumes, networks, routers and addresses are the cloud's
 * own, and nothing here touches them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSession } from '../../../layers/openstack/session.ts';
import { onlookerRequestId } from '../../openstack/log.ts';
import type { Machines, MachinesOptions } from '../machines.ts';
import { Balancers } from '../real/balancers.ts';
import { realCloud } from '../real/real-cloud.ts';
import { AmphoraPorts } from './amphora-ports.ts';

const lookEveryMs = 3_000;
/** Guests under emulation take their time. */
const memberMs = 20_000;

/** Looks at the cloud from now on. Resolves after the first look, whether or not it worked. `labDir`: of the lab. */
export async function startBesideVirtualMachines({ authUrl, credential, scope, region, log }: MachinesOptions, labDir: string): Promise<Machines> {
  const cloud = realCloud(openSession({ authUrl, credential, scope, region, requestId: onlookerRequestId }));
  const balancers = new Balancers(new AmphoraPorts(), { memberMs });
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let complaint = '';
  const look = async (): Promise<void> => {
    try {
      const view = await cloud.look();
      await balancers.follow(view, await cloud.wiring(view));
      complaint = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== complaint) log(`machines: ${message}`);
      complaint = message;
    }
    if (!closed) timer = setTimeout(() => { looking = look(); }, lookEveryMs);
  };
  let looking = look();
  await looking;
  return {
    waits: () => [],
    cloudWaits: () => [],
    console(serverId) {
      const file = join(labDir, 'vm/instances', serverId, 'console.log');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },
    connectAs: () => Promise.reject(new Error('virtual machines are reached over their networks')),
    async close() {
      closed = true;
      clearTimeout(timer);
      await looking;
      await balancers.close();
    },
  };
}
