/** `/_cloud/…`: the cloud's own doors, for demo, benches and tests in other processes. No token is asked for. */
import type { Core } from './core.ts';
import type { Fault } from './faults.ts';
import { leftovers } from './leftovers.ts';
import { listWaits, type CallLog } from './log.ts';
import { listFloatingIps, listLoadBalancers, listServers, setPower } from './machines-view.ts';
import { Refusal } from './refusal.ts';
import { asAttributes, asText, asTexts, route, type Call, type Reply, type Route, type Service } from './service.ts';

export function adminSurface(core: Core, log: CallLog): Service {
  const ok = (body: unknown): Reply => ({ status: 200, body });
  const open = (method: string, template: string, handle: (call: Call) => Reply): Route =>
    ({ ...route(method, template, handle), open: true });
  return {
    name: 'cloud',
    prefix: '/_cloud',
    routes: [
      open('GET', '/calls', () => ok(log.read())),
      open('DELETE', '/calls', () => {
        log.reset();
        return { status: 204 };
      }),
      open('GET', '/waits', () => ok(listWaits(core.state))),
      open('GET', '/faults', () => ok(core.faults.list())),
      open('POST', '/faults', (call) => addFault(core, call)),
      open('DELETE', '/faults', () => {
        core.faults.clear();
        return { status: 204 };
      }),
      open('GET', '/leftovers', (call) => {
        const mark = call.query.get('mark');
        return ok(leftovers(core, mark === null ? { projectIds: call.query.getAll('project_id') } : { mark }));
      }),
      open('GET', '/servers', () => ok(listServers(core))),
      open('PUT', '/servers/{id}/power', (call) => {
        const power = asText(asAttributes(call.body)?.['power']);
        if (power !== 'running' && power !== 'shutdown') throw new Refusal(400, 'power is "running" or "shutdown"');
        setPower(core, call.param('id'), power);
        return { status: 204 };
      }),
      open('GET', '/floating-ips', () => ok(listFloatingIps(core))),
      open('GET', '/load-balancers', () => ok(listLoadBalancers(core))),
    ],
    refuse: ({ status, message }) => ({ status, body: { error: message } }),
    unauthorized: () => ({ status: 404, body: { error: 'no such door' } }),
    headers: () => ({}),
  };
}

/** `{ "fault": "server-error" }`, `{ "faults": [ … ] }`, or a rule. */
function addFault(core: Core, call: Call): Reply {
  const body = asAttributes(call.body);
  if (!body) throw new Refusal(400, 'a fault is a name or a rule');
  const names = asTexts(body['faults']) ?? (asText(body['fault']) ? [String(body['fault'])] : undefined);
  try {
    for (const fault of names ?? [body as Fault]) core.faults.add(fault);
  } catch (error) {
    throw new Refusal(400, (error as Error).message);
  }
  return { status: 201, body: core.faults.list() };
}
