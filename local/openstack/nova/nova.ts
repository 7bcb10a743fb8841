/** Nova v2.1 with microversions up to 2.93: its routes and its own way of refusing. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { middlewareUnauthorized, route, type Call, type Service } from '../service.ts';
import { flavorRoutes } from './flavors.ts';
import { hypervisorRoutes } from './hypervisors.ts';
import { interfaceRoutes } from './interfaces.ts';
import { novaQuotaRoutes } from './quotas.ts';
import { serverActionRoutes } from './server-actions.ts';
import { registerBuild } from './server-build.ts';
import { serverGroupRoutes } from './server-groups.ts';
import { serverRoutes } from './servers.ts';
import { minorVersion, versionHeaders } from './version.ts';
import { volumeAttachmentRoutes } from './volume-attachments.ts';

const KINDS: Record<number, string> = {
  400: 'badRequest', 401: 'unauthorized', 403: 'forbidden', 404: 'itemNotFound', 409: 'conflictingRequest',
  413: 'overLimit', 429: 'overLimit', 503: 'serviceUnavailable',
};

export const ZONES = ['zone-1', 'zone-2', 'zone-3'];

export function nova(core: Core): Service {
  registerBuild(core);
  return {
    name: 'nova',
    prefix: '/compute/v2.1',
    routes: [
      {
        ...route('GET', '', (call) => ({
          status: 200,
          body: {
            version: {
              id: 'v2.1', status: 'CURRENT', version: '2.93', min_version: '2.1', updated: '2013-07-23T11:33:21Z',
              links: [{ rel: 'self', href: `${call.serviceUrl}/` }],
            },
          },
        })),
        open: true,
      },
      ...serverRoutes(core), ...serverActionRoutes(core), ...volumeAttachmentRoutes(core), ...interfaceRoutes(core),
      ...serverGroupRoutes(core), ...flavorRoutes(core), ...novaQuotaRoutes(core), ...hypervisorRoutes(core),
      route('GET', '/os-availability-zone', () => ({
        status: 200,
        body: {
          availabilityZoneInfo: ZONES.map((zoneName) => ({ zoneName, zoneState: { available: true }, hosts: null })),
        },
      })),
    ],
    admit: (call) => void minorVersion(call),
    refuse: ({ status, message, headers }) => ({
      status, headers, body: { [KINDS[status] ?? 'computeFault']: { code: status, message } },
    }),
    unauthorized: () => middlewareUnauthorized(`${core.baseUrl}/identity/v3`),
    headers: (call) => ({
      'X-Openstack-Request-Id': call.requestId, 'X-Compute-Request-Id': call.requestId, ...versionHeaders(call),
    }),
  };
}

export function requireAdmin(call: Call, action: string): void {
  if (!call.caller.isAdmin) throw forbidden(action);
}

/** Lets admins pass and whom the operator's policy names: Moorage's role. */
export function requirePlatform(call: Call, action: string): void {
  if (!call.caller.has('moorage')) requireAdmin(call, action);
}

export function forbidden(action: string): Refusal {
  return new Refusal(403, `Policy doesn't allow os_compute_api:${action} to be performed.`);
}
