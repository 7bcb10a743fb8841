/**
 * `npm run test:power -- --cloud lab`: a cluster that a real Magnum has built is stopped and started through Moorage, with
 * its user's own token, and looked at in Nova all the while. The last line is `power: ok` or says what is wrong.
 */
import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import type { Call } from '../../layers/openstack/call.ts';
import { isOpenStackError } from '../../layers/openstack/error.ts';
import { listServers } from '../../layers/openstack/nova.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { cloudName } from '../../local/clouds.ts';
import { ApiError, openApi } from '../../local/demo/api.ts';
import { logIn, type Person } from '../../local/demo/user.ts';
import { startRunning } from '../../local/running.ts';

const { values } = parseArgs({ options: { cloud: { type: 'string', default: 'lab' } } });
const dataDir = mkdtempSync(join(tmpdir(), 'moorage-power-'));
const logFile = join(dataDir, 'log');
const name = 'power-test';

const running = await startRunning({ on: cloudName(values.cloud), scale: 20, dataDir, log: (line) => appendFileSync(logFile, `${line}\n`) });
let problem: string | undefined;
try {
  await prove();
} catch (error) {
  problem = (error as Error).message;
} finally {
  await running.stop();
}
console.log(problem === undefined ? 'power: ok' : `power: failed: ${problem}\nThe log is kept: ${logFile}`);
process.exit(problem === undefined ? 0 : 1);

async function prove(): Promise<void> {
  const { access, url } = running;
  const user = await logIn(access.authUrl, access.user as Person);
  const api = openApi(url, () => user.token());
  const ask = magnumOf(user.session);
  const template = await ask<{ uuid: string }>('POST', '/clustertemplates', {
    name, coe: 'kubernetes', image_id: 'fedora-coreos-38', external_network_id: 'public', flavor_id: 'm1.small', master_flavor_id: 'm1.small',
    network_driver: 'flannel', docker_volume_size: 5, labels: { boot_volume_size: '0' },
  });
  const { uuid } = await ask<{ uuid: string }>('POST', '/clusters', { name, cluster_template_id: template.uuid, master_count: 1, node_count: 2 });
  try {
    await magnumSettled(ask, uuid, 'CREATE_COMPLETE');
    console.log(`Magnum has built ${uuid}: ${told(await statuses(user.session))}`);
    for (const [verb, status, last, state] of [['stop', 'SHUTOFF', 'master', 'off'], ['start', 'ACTIVE', 'node', 'on']] as const) {
      const { operation_id } = await accepted(() => api.call<{ operation_id: string }>('POST', `/v2/clusters/${uuid}:${verb}`));
      const order = await inOrder(user.session, status);
      console.log(`${verb}: operation ${operation_id}; ${state} in this order: ${order.join(', ')}`);
      if (!order.at(-1)!.includes(last)) throw new Error(`A ${last} should be the last to be ${state}`);
    }
    await magnumSettled(ask, uuid, 'CREATE_COMPLETE');
  } finally {
    await ask('DELETE', `/clusters/${uuid}`);
    await until(async () => !await exists(ask, uuid));
    await ask('DELETE', `/clustertemplates/${template.uuid}`);
  }
}

type Ask = <T = unknown>(method: Call['method'], text: string, body?: unknown) => Promise<T>;

function magnumOf(session: Session): Ask {
  return (method, text, body) => session.request({
    service: 'container-infra', method, path: { text, template: text }, microversion: '1.10', ...(body !== undefined && { body }),
  });
}

/** The cluster's servers by name: Heat calls them `<cluster>-<hash>-master-0` and `…-node-0`. */
async function statuses(session: Session): Promise<Record<string, string>> {
  const servers = (await listServers(session)).filter((server) => server.name.startsWith(`${name}-`));
  return Object.fromEntries(servers.map((server) => [server.name.split('-').slice(-2).join('-'), server.status]));
}

function told(servers: Record<string, string>): string {
  return Object.entries(servers).map(([server, status]) => `${server} ${status}`).join(', ');
}

/** Servers in the order in which they were first seen with that status. */
async function inOrder(session: Session, status: string): Promise<string[]> {
  const seen = new Set<string>();
  await until(async () => {
    const now = await statuses(session);
    for (const [server, its] of Object.entries(now)) if (its === status) seen.add(server);
    return seen.size === Object.keys(now).length;
  });
  return [...seen];
}

async function magnumSettled(ask: Ask, uuid: string, wanted: string): Promise<void> {
  await until(async () => {
    const { status, status_reason } = await ask<{ status: string; status_reason: string }>('GET', `/clusters/${uuid}`);
    if (status.endsWith('_FAILED')) throw new Error(`Magnum: ${status}: ${status_reason}`);
    return status === wanted;
  });
}

async function exists(ask: Ask, uuid: string): Promise<boolean> {
  try {
    await ask('GET', `/clusters/${uuid}`);
    return true;
  } catch (error) {
    if (isOpenStackError(error, 404)) return false;
    throw error;
  }
}

/** Servers are off a moment before the operation that has stopped them has ended. */
async function accepted<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      await pause(500);
    }
  }
}

async function until(look: () => Promise<boolean>): Promise<void> {
  while (!await look()) await pause(500);
}
