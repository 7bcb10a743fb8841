/** Octavia v2: its routes and its own way of refusing. */
import type { Core } from '../core.ts';
import type { Refusal } from '../refusal.ts';
import { middlewareUnauthorized, route, type Reply, type Route, type Service } from '../service.ts';
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
    routes: bothVersions([
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
    ]),
    refuse,
    unauthorized: () => middlewareUnauthorized(`${core.baseUrl}/identity/v3`),
    headers: ({ requestId }) => ({ 'x-openstack-request-id': requestId }),
  };
}

/** Octavia answers under /v2 what it answers under /v2.0. */
const bothVersions = (routes: Route[]): Route[] =>
  routes.flatMap((one) => [one,
    ...(one.template.startsWith('/v2.0/') ? [{ ...one, template: one.template.replace('/v2.0/', '/v2/') }] : [])]);

/** A fault object; a path nobody serves is answered by the web framework, in HTML. */
function refuse({ status, message, kind, headers }: Refusal): Reply {
  if (kind !== 'NoRoute') {
    const faultcode = status < 500 ? 'Client' : 'Server';
    return { status, headers, body: { faultcode, faultstring: message, debuginfo: null } };
  }
  const title = '404 Not Found';
  const body = `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${message}`
    + '<br /><br />\n\n\n\n </body>\n</html>';
  return { status, body, headers: { 'Content-Type': 'text/html; charset=UTF-8' } };
}
