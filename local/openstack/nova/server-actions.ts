/** What can be done to a server: power. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ServerRow } from './rows.ts';
import { asAttributes, asText, route, type Call, type Reply, type Route } from '../service.ts';
import { requireAdmin } from './nova.ts';
import { changeServer } from './server-build.ts';
import { requireServer } from './servers.ts';

export function serverActionRoutes(core: Core): Route[] {
  core.jobs.on('server-power', (id, job) => settlePower(core, id, job.detail as 'running' | 'shutdown'));
  return [route('POST', '/servers/{id}/action', (call) => act(core, call))];
}

/** Sets what the hypervisor says: a machine that halted itself is SHUTOFF soon after. */
export function settlePower(core: Core, id: string, power: 'running' | 'shutdown'): void {
  const server = core.state.table('servers').get(id);
  if (!server || !['ACTIVE', 'SHUTOFF', 'REBOOT', 'HARD_REBOOT'].includes(server.status)) return;
  const changed = changeServer(core, id, power === 'running'
    ? { status: 'ACTIVE', vm_state: 'active', power_state: 1, task_state: null }
    : { status: 'SHUTOFF', vm_state: 'stopped', power_state: 4, task_state: null });
  core.state.afterCommit(() => changed && core.events.emit('power', changed));
}

function act(core: Core, call: Call): Reply {
  const server = requireServer(core, call);
  const body = asAttributes(call.body) ?? {};
  const action = Object.keys(body)[0] ?? '';
  if (action === 'os-stop') begin(core, call, server, 'stop', ['active', 'error'], 'powering-off', 'shutdown');
  else if (action === 'os-start') begin(core, call, server, 'start', ['stopped'], 'powering-on', 'running');
  else if (action === 'reboot') reboot(core, call, server, asText(asAttributes(body['reboot'])?.['type']));
  else if (action === 'os-resetState') reset(core, call, server, asText(asAttributes(body[action])?.['state']));
  else throw new Refusal(400, `There is no such action: ${action}`);
  return { status: 202 };
}

function begin(
  core: Core, call: Call, server: ServerRow, action: string, from: string[], taskState: string,
  power: 'running' | 'shutdown',
): void {
  if (!from.includes(server.vm_state)) throw cannot(action, server.id, `vm_state ${server.vm_state}`);
  if (server.task_state !== null) throw cannot(action, server.id, `task_state ${server.task_state}`);
  changeServer(core, server.id, { task_state: taskState });
  core.jobs.begin('server-power', server.id, core.latencies.serverPowerMs, {
    resource: `server-${action}`, resourceId: server.id, name: server.name, projectId: server.project_id,
    requestId: call.globalRequestId,
  }, power);
}

function reboot(core: Core, call: Call, server: ServerRow, type: string | undefined): void {
  if (type !== 'SOFT' && type !== 'HARD') {
    throw new Refusal(400,
      `Invalid input for field/attribute type. Value: ${String(type)}. '${String(type)}' is not one of `
      + '[\'HARD\', \'Hard\', \'hard\', \'SOFT\', \'Soft\', \'soft\']');
  }
  const hard = type === 'HARD';
  const from = hard ? ['active', 'stopped', 'error'] : ['active'];
  begin(core, call, server, 'reboot', from, hard ? 'rebooting_hard' : 'rebooting', 'running');
  changeServer(core, server.id, { status: hard ? 'HARD_REBOOT' : 'REBOOT' });
}

function reset(core: Core, call: Call, server: ServerRow, state: string | undefined): void {
  requireAdmin(call, 'os-admin-actions:reset_state');
  if (state === 'active') changeServer(core, server.id, { status: 'ACTIVE', vm_state: 'active', task_state: null });
  else changeServer(core, server.id, { status: 'ERROR', vm_state: 'error', task_state: null });
}

function cannot(action: string, id: string, state: string): Refusal {
  return new Refusal(409, `Cannot '${action}' instance ${id} while it is in ${state}`);
}
