/** Services and endpoints, and the catalogue made of them. */
import type { Core } from '../core.ts';
import type { EndpointRow, ServiceRow } from './rows.ts';
import { asText, route, within, type Call, type Reply, type Route } from '../service.ts';
import { listReply, missing, requireProperty } from './keystone.ts';
import { requireAdmin } from './policy.ts';

/** Endpoints whose URL needs a project are left out for tokens that have none, as Keystone does. */
export function buildCatalog(core: Core, projectId: string | null): unknown[] {
  const endpoints = core.state.table('endpoints').list((endpoint) => endpoint.enabled);
  return core.state.table('services').list((service) => service.enabled).map(({ id, type, name }) => ({
    endpoints: endpoints
      .filter((endpoint) => endpoint.service_id === id && (projectId !== null || !endpoint.url.includes('%(')))
      .map((endpoint) => ({
        id: endpoint.id, interface: endpoint.interface, region_id: endpoint.region_id,
        url: endpoint.url.replaceAll(/%\((?:project|tenant)_id\)s/g, projectId ?? ''), region: endpoint.region_id,
      })),
    id, type, name,
  }));
}

export function catalogRoutes(core: Core): Route[] {
  const services = core.state.table('services');
  const endpoints = core.state.table('endpoints');
  return [
    route('GET', '/services', (call) => {
      requireAdmin(call, 'list_services');
      const type = call.query.get('type');
      const name = call.query.get('name');
      const found = services.list((one) => (type ?? one.type) === one.type && (name ?? one.name) === one.name);
      return listReply(call, 'services', found.map((one) => showService(call, one)));
    }),
    route('POST', '/services', (call) => createService(core, call)),
    route('GET', '/services/{id}', (call) => {
      requireAdmin(call, 'get_service');
      return { status: 200, body: { service: showService(call,
        find(services.get(call.param('id')), 'service', call)) } };
    }),
    route('PATCH', '/services/{id}', (call) => {
      requireAdmin(call, 'update_service');
      const { id } = find(services.get(call.param('id')), 'service', call);
      const { name, type, description, enabled } = within(call.body, 'service') ?? {};
      const changed = services.update(id, {
        ...(typeof name === 'string' && { name }), ...(typeof type === 'string' && { type }),
        ...(typeof description === 'string' && { description }), ...(typeof enabled === 'boolean' && { enabled }),
      });
      return { status: 200, body: { service: changed && showService(call, changed) } };
    }),
    route('DELETE', '/services/{id}', (call) => {
      requireAdmin(call, 'delete_service');
      const { id } = find(services.get(call.param('id')), 'service', call);
      for (const endpoint of endpoints.list((one) => one.service_id === id)) endpoints.remove(endpoint.id);
      services.remove(id);
      return { status: 204 };
    }),
    route('GET', '/endpoints', (call) => {
      requireAdmin(call, 'list_endpoints');
      const wanted = (one: EndpointRow): boolean => ['service_id', 'interface', 'region_id'].every((key) =>
        (call.query.get(key) ?? one[key as keyof EndpointRow]) === one[key as keyof EndpointRow]);
      return listReply(call, 'endpoints', endpoints.list(wanted).map((one) => showEndpoint(call, one)));
    }),
    route('POST', '/endpoints', (call) => createEndpoint(core, call)),
    route('GET', '/endpoints/{id}', (call) => {
      requireAdmin(call, 'get_endpoint');
      const endpoint = find(endpoints.get(call.param('id')), 'endpoint', call);
      return { status: 200, body: { endpoint: showEndpoint(call, endpoint) } };
    }),
    route('PATCH', '/endpoints/{id}', (call) => {
      requireAdmin(call, 'update_endpoint');
      const { id } = find(endpoints.get(call.param('id')), 'endpoint', call);
      const { url, enabled, service_id } = within(call.body, 'endpoint') ?? {};
      if (typeof service_id === 'string' && !services.get(service_id)) throw missing('service', service_id);
      const changed = endpoints.update(id, {
        ...(typeof service_id === 'string' && { service_id }),
        ...(typeof url === 'string' && { url }), ...(typeof enabled === 'boolean' && { enabled }),
      });
      return { status: 200, body: { endpoint: changed && showEndpoint(call, changed) } };
    }),
    route('DELETE', '/endpoints/{id}', (call) => {
      requireAdmin(call, 'delete_endpoint');
      endpoints.remove(find(endpoints.get(call.param('id')), 'endpoint', call).id);
      return { status: 204 };
    }),
  ];
}

function createService(core: Core, call: Call): Reply {
  requireAdmin(call, 'create_service');
  const given = within(call.body, 'service');
  const type = requireProperty(given, 'type');
  const row = core.state.table('services').insert({
    id: core.random.hex(32), name: asText(given?.['name']) ?? '', type,
    description: asText(given?.['description']) ?? null, enabled: given?.['enabled'] !== false,
  });
  return { status: 201, body: { service: showService(call, row) } };
}

function createEndpoint(core: Core, call: Call): Reply {
  requireAdmin(call, 'create_endpoint');
  const given = within(call.body, 'endpoint');
  const serviceId = requireProperty(given, 'service_id');
  if (!core.state.table('services').get(serviceId)) throw missing('service', serviceId);
  const row = core.state.table('endpoints').insert({
    id: core.random.hex(32), service_id: serviceId, interface: requireProperty(given, 'interface'),
    region_id: asText(given?.['region_id'] ?? given?.['region']) ?? 'RegionOne',
    url: requireProperty(given, 'url'), enabled: given?.['enabled'] !== false,
  });
  return { status: 201, body: { endpoint: showEndpoint(call, row) } };
}

function find<T>(row: T | undefined, what: string, call: Call): T {
  if (!row) throw missing(what, call.param('id'));
  return row;
}

function showService(call: Call, { id, name, type, description, enabled }: ServiceRow): unknown {
  const links = { self: `${call.serviceUrl}/services/${id}` };
  return { id, name, type, enabled, ...(description !== null && { description }), links };
}

function showEndpoint(call: Call, endpoint: EndpointRow): unknown {
  return { ...endpoint, region: endpoint.region_id, links: { self: `${call.serviceUrl}/endpoints/${endpoint.id}` } };
}
