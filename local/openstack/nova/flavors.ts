/** Nova's flavors. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { FlavorRow } from './rows.ts';
import { route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { requireAdmin } from './nova.ts';
import { minorVersion } from './version.ts';

export function flavorRoutes(core: Core): Route[] {
  const table = core.state.table('flavors');
  const find = (call: Call): FlavorRow => {
    const row = table.get(call.param('id'));
    if (!row) throw new Refusal(404, `Flavor ${call.param('id')} could not be found.`);
    return row;
  };
  return [
    route('GET', '/flavors', (call) => list(core, call, false)),
    route('GET', '/flavors/detail', (call) => list(core, call, true)),
    route('GET', '/flavors/{id}', (call) => ({ status: 200, body: { flavor: show(call, find(call)) } })),
    route('POST', '/flavors', (call) => {
      requireAdmin(call, 'os-flavor-manage:create');
      const { name, ram, vcpus, disk } = (call.body as { flavor: Pick<FlavorRow, 'name' | 'ram' | 'vcpus' | 'disk'> }).flavor;
      if (table.find((row) => row.name === name)) throw new Refusal(409, `Flavor with name ${name} already exists.`);
      const row = { id: core.random.uuid(), name, ram, vcpus, disk, extra_specs: {} };
      table.insert(row);
      return { status: 200, body: { flavor: show(call, row) } };
    }),
    route('DELETE', '/flavors/{id}', (call) => {
      requireAdmin(call, 'os-flavor-manage:delete');
      table.remove(find(call).id);
      return { status: 202 };
    }),
    route('GET', '/flavors/{id}/os-extra_specs', (call) => ({
      status: 200, body: { extra_specs: find(call).extra_specs },
    })),
  ];
}

function list(core: Core, call: Call, detailed: boolean): Reply {
  const { query } = call;
  const minimum = (key: string): number => Number(query.get(key) ?? 0);
  const rows = core.state.table('flavors')
    .list((row) => row.ram >= minimum('minRam') && row.disk >= minimum('minDisk'))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const marker = query.get('marker');
  const at = marker === null ? -1 : rows.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw new Refusal(400, `marker [${marker}] not found`);
  const limit = Number(query.get('limit') ?? 1000);
  const page = rows.slice(at + 1, at + 1 + limit);
  const more = query.has('limit') && page.length === limit && limit > 0;
  const next = `${call.serviceUrl}${call.path}?limit=${limit}&marker=${page.at(-1)?.id}`;
  return {
    status: 200,
    body: {
      flavors: page.map((row) => detailed ? show(call, row) : summary(call, row)),
      ...(more && { flavors_links: [{ rel: 'next', href: next }] }),
    },
  };
}

function summary(call: Call, { id, name }: FlavorRow): Attributes {
  return { id, name, ...(minorVersion(call) >= 55 && { description: null }), links: links(call, id) };
}

function show(call: Call, row: FlavorRow): Attributes {
  const minor = minorVersion(call);
  return {
    'id': row.id, 'name': row.name, 'ram': row.ram, 'disk': row.disk, 'swap': minor >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': 0, 'OS-FLV-DISABLED:disabled': false, 'vcpus': row.vcpus,
    'os-flavor-access:is_public': true, 'rxtx_factor': 1.0, 'links': links(call, row.id),
    ...(minor >= 55 && { description: null }), ...(minor >= 61 && { extra_specs: row.extra_specs }),
  };
}

function links(call: Call, id: string): unknown[] {
  return [
    { rel: 'self', href: `${call.serviceUrl}/flavors/${id}` },
    { rel: 'bookmark', href: `${call.serviceUrl.replace(/\/v2\.1$/, '')}/flavors/${id}` },
  ];
}
