/** Nova's servers: create, read, change, delete. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ServerRow } from './rows.ts';
import { asAttributes, asText, asTexts, route, within, type Call, type Reply, type Route } from '../service.ts';
import { beginDeletion, changeServer } from './server-build.ts';
import { createServer } from './server-create.ts';
import { listServers } from './server-list.ts';
import { showServer } from './server-view.ts';

export function serverRoutes(core: Core): Route[] {
  const shown = (call: Call): Reply =>
    ({ status: 200, body: { server: showServer(core, call, requireServer(core, call)) } });
  return [
    route('GET', '/servers', (call) => listServers(core, call, false)),
    route('GET', '/servers/detail', (call) => listServers(core, call, true)),
    route('POST', '/servers', (call) => createServer(core, call)),
    route('GET', '/servers/{id}', shown),
    route('PUT', '/servers/{id}', (call) => {
      const { name, description } = within(call.body, 'server') ?? {};
      changeServer(core, requireServer(core, call).id, {
        ...(typeof name === 'string' && { name }), ...(typeof description === 'string' && { description }),
      });
      return shown(call);
    }),
    route('DELETE', '/servers/{id}', (call) => {
      beginDeletion(core, requireServer(core, call), call.globalRequestId);
      return { status: 204 };
    }),
    route('GET', '/servers/{id}/metadata', (call) =>
      ({ status: 200, body: { metadata: requireServer(core, call).metadata } })),
    route('POST', '/servers/{id}/metadata', (call) => changeMetadata(core, call, false)),
    route('PUT', '/servers/{id}/metadata', (call) => changeMetadata(core, call, true)),
    route('GET', '/servers/{id}/tags', (call) => ({ status: 200, body: { tags: requireServer(core, call).tags } })),
    route('PUT', '/servers/{id}/tags', (call) => {
      const tags = asTexts(asAttributes(call.body)?.['tags']) ?? [];
      changeServer(core, requireServer(core, call).id, { tags });
      return { status: 200, body: { tags } };
    }),
  ];
}

/** The server of the path, as long as it is the caller's or the caller is an admin. */
export function requireServer(core: Core, call: Call): ServerRow {
  const row = core.state.table('servers').get(call.param('id'));
  if (row && (call.caller.isAdmin || row.project_id === call.caller.projectId)) return row;
  throw new Refusal(404, `Instance ${call.param('id')} could not be found.`);
}

function changeMetadata(core: Core, call: Call, whole: boolean): Reply {
  const server = requireServer(core, call);
  const given = within(call.body, 'metadata') ?? {};
  const wrong = Object.entries(given).find(([, value]) => asText(value) === undefined);
  if (wrong) {
    throw new Refusal(400, `Invalid input for field/attribute ${wrong[0]}. Value: ${String(wrong[1])}. `
      + `${String(wrong[1])} is not of type 'string'`);
  }
  const metadata = { ...(whole ? {} : server.metadata), ...given as Record<string, string> };
  changeServer(core, server.id, { metadata });
  return { status: 200, body: { metadata } };
}
