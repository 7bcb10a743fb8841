/** Octavia v2: its routes and its own way of refusing. */
import type { Core } from '../core.ts';
import { middlewareUnauthorized, route, type Service } from '../service.ts';
import { healthMonitorRoutes } from './health-monitors.ts';
import { listenerRoutes } from './listeners.ts';
import { loadBalancerRoutes } from './load-balancers.ts';
import { memberRoutes } from './members.ts';
import { poolRoutes } from './pools.ts';
import { registerProvisioning } from './provisioning.ts';
import { octaviaQuotaRoutes } from './quotas.ts';

export function octavia(core: Core): Service {
  registerProvisioning(core);
  return {
    name: 'octavia',
    prefix: '/load-balancer',
    routes: [
      {
        ...route('GET', '', (call) => ({
          status: 200,
          body: {
            versions: [{ id: 'v2.26', status: 'CURRENT', links: [{ rel: 'self', href: `${call.serviceUrl}/v2` }] }],
          },
        })),
        open: true,
      },
      ...loadBalancerRoutes(core), ...listenerRoutes(core), ...memberRoutes(core), ...poolRoutes(core),
      ...healthMonitorRoutes(core), ...octaviaQuotaRoutes(core),
      route('GET', '/v2.0/lbaas/providers', () => ({
        status: 200,
        body: { providers: [{ name: 'amphora', description: 'The Octavia Amphora driver.' }], providers_links: [] },
      })),
    ],
    refuse: ({ status, message, headers }) => ({
      status, headers, body: { faultcode: status < 500 ? 'Client' : 'Server', faultstring: message, debuginfo: null },
    }),
    unauthorized: () => middlewareUnauthorized(`${core.baseUrl}/identity/v3`),
    headers: ({ requestId }) => ({ 'x-openstack-request-id': requestId }),
  };
}
