/** A server's way from BUILD to ACTIVE or ERROR, and out of the world again. */
import { timestamp, type Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ServerRow } from './rows.ts';
import { attachDisks, releaseDisks } from './server-disks.ts';
import { AllocationFailure, allocateNetworks, raiseNetworks, releaseNetworks } from './server-networks.ts';

/** How Nova begins to say that no host can take a server. */
export const noHost = 'No valid host was found.';
/** The disk of the largest host, GiB. */
const hostDisk = 600_000;

export function registerBuild(core: Core): void {
  core.jobs.on('server-networks', (id) => takeParts(core, id));
  core.jobs.on('server-active', (id) => finish(core, id));
  core.jobs.on('server-gone', (id) => vanish(core, id));
}

/** Begins to build the server within the open transaction. */
export function beginBuild(core: Core, server: ServerRow): void {
  const { serverNetworksMs, serverMs } = core.latencies;
  core.jobs.begin('server-networks', server.id, Math.min(serverNetworksMs, serverMs / 2));
  core.jobs.begin('server-active', server.id, serverMs, waitFor(server, 'server', server.requestId));
}

/** Begins to remove the server: it is seen until it is gone. */
export function beginDeletion(core: Core, server: ServerRow, requestId: string | null): void {
  if (server.task_state === 'deleting') return;
  changeServer(core, server.id, { task_state: 'deleting' });
  core.jobs.begin('server-gone', server.id, core.latencies.serverDeleteMs, waitFor(server, 'server-delete', requestId));
}

export function changeServer(core: Core, id: string, patch: Partial<ServerRow>): ServerRow | undefined {
  return core.state.table('servers').update(id, { ...patch, updated: timestamp() });
}

function waitFor(server: ServerRow, resource: string, requestId: string | null) {
  return { resource, resourceId: server.id, name: server.name, projectId: server.project_id, requestId };
}

function building(core: Core, id: string): ServerRow | undefined {
  const server = core.state.table('servers').get(id);
  return server?.status === 'BUILD' && server.task_state !== 'deleting' ? server : undefined;
}

/** Takes ports and volumes; what goes wrong here shows when the server is done. */
function takeParts(core: Core, id: string): void {
  const server = building(core, id);
  if (!server) return;
  try {
    const devices = core.state.transact(() => attachDisks(core, server));
    changeServer(core, id, { task_state: 'networking', devices });
    changeServer(core, id, { networks: allocateNetworks(core, server), task_state: 'spawning' });
  } catch (error) {
    if (!(error instanceof AllocationFailure || error instanceof Refusal)) throw error;
    const aborted = error instanceof Refusal ? `Build of instance ${id} aborted: ${error.message}` : error.message;
    changeServer(core, id, { doom: aborted });
  }
}

function finish(core: Core, id: string): void {
  const server = building(core, id);
  if (!server) return;
  const isTooLarge = (core.state.table('flavors').get(server.flavor_id)?.disk ?? 0) > hostDisk;
  const doom = server.doom ?? (isTooLarge || core.faults.breaks('server-error') ? `${noHost} There are not enough hosts available.` : null);
  if (doom !== null) {
    releaseNetworks(core, server);
    releaseDisks(core, server);
    changeServer(core, id, {
      status: 'ERROR', vm_state: 'error', task_state: null, fault: { code: 500, created: timestamp(), message: doom },
    });
    return;
  }
  raiseNetworks(core, server);
  const active = changeServer(core, id, {
    status: 'ACTIVE', vm_state: 'active', task_state: null, power_state: 1,
    launched_at: new Date().toISOString().replace(/\.\d{3}Z$/, '.000000'),
  });
  core.state.afterCommit(() => active && core.events.emit('active', active));
}

function vanish(core: Core, id: string): void {
  const server = core.state.table('servers').get(id);
  if (!server) return;
  releaseNetworks(core, { ...server, doom: null });
  releaseDisks(core, server);
  core.state.table('servers').remove(id);
  core.state.afterCommit(() => core.events.emit('gone', server));
}
