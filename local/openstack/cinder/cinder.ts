/** Cinder v3, microversion 3.0 to 3.70: volumes and what goes with them. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { middlewareUnauthorized, route, type Call, type Reply, type Route, type Service } from '../service.ts';
import { cinderQuotaRoutes } from './quotas.ts';
import { snapshotRoutes } from './snapshots.ts';
import { transferRoutes } from './transfers.ts';
import { volumeTypeRoutes } from './types.ts';
import { volumeRoutes } from './volumes.ts';

const KINDS: Record<number, string> = {
  400: 'badRequest', 401: 'unauthorized', 403: 'forbidden', 404: 'itemNotFound', 409: 'conflictingRequest',
  413: 'overLimit', 429: 'overLimit', 503: 'serviceUnavailable',
};

export const ZONES = ['zone-1', 'zone-2', 'zone-3'];

export function cinder(core: Core): Service {
  const own = [
    ...volumeRoutes(core), ...snapshotRoutes(core), ...transferRoutes(core), ...volumeTypeRoutes(core), ...cinderQuotaRoutes(core),
    route('GET', '/os-availability-zone', () => ({
      status: 200,
      body: { availabilityZoneInfo: ZONES.map((zoneName) => ({ zoneName, zoneState: { available: true } })) },
    })),
  ];
  return {
    name: 'cinder',
    prefix: '/volume/v3',
    routes: [versions(), ...own.map(withoutProject), ...own.map(withProject)],
    refuse,
    unauthorized: () => middlewareUnauthorized(`${core.baseUrl}/identity/v3`),
    headers: ({ requestId }) => ({
      'X-Openstack-Request-Id': requestId, 'X-Compute-Request-Id': requestId,
      'Openstack-Api-Version': 'volume 3.0', 'Vary': 'OpenStack-API-Version',
    }),
  };
}

/** Lets admins pass and whom the operator's policy names: Moorage's role. */
export function requirePlatform(call: Call, action: string): void {
  if (!call.caller.has('moorage')) requireAdmin(call, action);
}

export function requireAdmin(call: Call, action: string): void {
  if (!call.caller.isAdmin) throw new Refusal(403, `Policy doesn't allow ${action} to be performed.`);
}

/** Tokens without a project leave the project out of the path. */
function withoutProject(one: Route): Route {
  return one;
}

/** The project in the path must be the token's. */
function withProject(one: Route): Route {
  return {
    ...one,
    template: `/{project}${one.template}`,
    handle: (call) => {
      if (call.param('project') !== call.caller.projectId) throw new Refusal(400, 'Malformed request url');
      return one.handle(call);
    },
  };
}

function refuse({ status, message, headers }: Refusal): Reply {
  const retryAfter = headers['Retry-After'];
  const body = { code: status, message, ...(retryAfter !== undefined && { retryAfter }) };
  return { status, headers, body: { [KINDS[status] ?? 'computeFault']: body } };
}

function versions(): Route {
  const links = (call: Call): unknown[] => [{ rel: 'self', href: `${call.serviceUrl}/` }];
  return route('GET', '', (call) => ({
    status: 200,
    body: { versions: [{ id: 'v3.0', status: 'CURRENT', version: '3.70', min_version: '3.0', links: links(call) }] },
  }));
}
