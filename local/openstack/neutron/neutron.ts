/** Neutron: its resources and its own way of refusing. */
import type { Core } from '../core.ts';
import { middlewareUnauthorized, route, type Service } from '../service.ts';
import { floatingIpRoutes } from './floating-ips.ts';
import { networkRoutes } from './networks.ts';
import { portRoutes } from './ports.ts';
import { quotaRoutes } from './quotas.ts';
import { rbacRoutes } from './rbac-policies.ts';
import { routerRoutes } from './routers.ts';
import { securityGroupRoutes } from './security-groups.ts';
import { securityGroupRuleRoutes } from './security-group-rules.ts';
import { subnetRoutes } from './subnets.ts';
import { trunkRoutes } from './trunks.ts';

/** Extensions that clients ask for by name before they use them. */
const EXTENSIONS = [
  'allowed-address-pairs', 'binding', 'external-net', 'fip-port-details', 'net-mtu', 'pagination', 'port-security',
  'project-id', 'quotas', 'quota_details', 'rbac-policies', 'router', 'security-group', 'sorting',
  'standard-attr-description', 'standard-attr-tag', 'standard-attr-timestamp', 'trunk', 'trunk-details',
];

export function neutron(core: Core): Service {
  return {
    name: 'neutron',
    prefix: '/network',
    routes: [
      {
        ...route('GET', '', (call) => ({
          status: 200,
          body: {
            versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${call.serviceUrl}/v2.0/` }] }],
          },
        })),
        open: true,
      },
      route('GET', '/v2.0', (call) => ({
        status: 200,
        body: {
          resources: ['network', 'subnet', 'port'].map((name) => ({
            name, collection: `${name}s`, links: [{ rel: 'self', href: `${call.serviceUrl}/v2.0/${name}s` }],
          })),
        },
      })),
      route('GET', '/v2.0/extensions', () => ({
        status: 200, body: { extensions: EXTENSIONS.map((alias) =>
          ({ alias, name: alias, description: '', links: [] })) },
      })),
      ...networkRoutes(core), ...subnetRoutes(core), ...portRoutes(core), ...routerRoutes(core),
      ...securityGroupRoutes(core), ...securityGroupRuleRoutes(core), ...floatingIpRoutes(core), ...trunkRoutes(core),
      ...rbacRoutes(core), ...quotaRoutes(core),
    ],
    refuse: ({ status, message, kind, headers }) => ({
      status, headers,
      body: { NeutronError: { type: kind === 'NoRoute' ? 'HTTPNotFound' : kind ?? 'HTTPError', message, detail: '' } },
    }),
    unauthorized: () => middlewareUnauthorized(`${core.baseUrl}/identity/v3`),
    headers: ({ requestId }) => ({ 'X-Openstack-Request-Id': requestId }),
  };
}
