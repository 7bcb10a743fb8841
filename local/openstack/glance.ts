/** Glance v2: images to list and read. */
import type { Core } from './core.ts';
import { Refusal } from './refusal.ts';
import type { ImageRow } from './cinder/rows.ts';
import { route, type Attributes, type Call, type Reply, type Service } from './service.ts';

const CONTROLS = ['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'member_status'];
const REASONS: Record<number, string> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' };
const PAGE = 25;

export function glance(core: Core): Service {
  const html = (status: number, message: string, headers: Record<string, string> = {}): Reply => {
    const title = `${status} ${REASONS[status] ?? 'Error'}`;
    const body = `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${message}`
      + '<br /><br />\n\n\n\n </body>\n</html>';
    return { status, body, headers: { 'Content-Type': 'text/html; charset=UTF-8', ...headers } };
  };
  return {
    name: 'glance',
    prefix: '/image',
    routes: [
      {
        ...route('GET', '', (call) => ({
          status: 300,
          body: {
            versions: [{ id: 'v2.16', status: 'CURRENT', links: [{ rel: 'self', href: `${call.serviceUrl}/v2/` }] }],
          },
        })),
        open: true,
      },
      route('GET', '/v2/images', (call) => list(core, call)),
      route('GET', '/v2/images/{id}', (call) => {
        const row = core.state.table('images').get(call.param('id'));
        if (!row || !sees(call, row)) throw new Refusal(404, `No image found with ID ${call.param('id')}`);
        return { status: 200, body: show(row) };
      }),
    ],
    refuse: ({ status, message, headers }) => html(status, message, headers),
    unauthorized: () => html(401, 'This server could not verify that you are authorized to access the document you '
      + 'requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not '
      + 'understand how to supply the credentials required.',
      { 'Www-Authenticate': `Keystone uri="${core.baseUrl}/identity/v3"` }),
    headers: ({ requestId }) => ({ 'X-Openstack-Request-Id': requestId }),
  };
}

function list(core: Core, call: Call): Reply {
  const { query } = call;
  const rows = core.state.table('images').list((row) => sees(call, row) && matches(query, show(row)))
    .sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : a.id < b.id ? 1 : -1));
  const marker = query.get('marker');
  const at = marker === null ? -1 : rows.findIndex(({ id }) => id === marker);
  if (marker !== null && at < 0) throw new Refusal(400, `No image found with ID ${marker}`);
  const limit = query.get('limit') ?? String(PAGE);
  if (!/^\d+$/.test(limit)) throw new Refusal(400, 'limit param must be an integer');
  const page = rows.slice(at + 1, at + 1 + Math.min(Number(limit), 1000));
  const full = page.length === Number(limit) && page.length > 0;
  const self = new URLSearchParams(query);
  self.delete('marker');
  const first = `/v2/images${self.size > 0 ? `?${self}` : ''}`;
  if (full) self.set('marker', page.at(-1)?.id ?? '');
  return {
    status: 200,
    body: {
      images: page.map(show), first, schema: '/v2/schemas/images', ...(full && { next: `/v2/images?${self}` }),
    },
  };
}

/** Filters by any attribute; `in:a,b` means either. */
function matches(query: URLSearchParams, image: Attributes): boolean {
  return [...query].every(([key, wanted]) => {
    if (CONTROLS.includes(key)) return true;
    if (key === 'tag') return (image['tags'] as string[]).includes(wanted);
    if (key === 'visibility' && wanted === 'all') return true;
    const values = wanted.startsWith('in:') ? wanted.slice(3).split(',') : [wanted];
    return values.includes(String(image[key]));
  });
}

function sees(call: Call, row: ImageRow): boolean {
  return row.visibility === 'public' || call.caller.isAdmin || row.owner === call.caller.projectId;
}

function show(row: ImageRow): Attributes {
  const { properties, ...rest } = row;
  return {
    ...properties, ...rest, disk_format: 'raw', container_format: 'bare', virtual_size: row.size, protected: false,
    os_hidden: false, os_hash_algo: 'sha512', checksum: null, os_hash_value: null,
    self: `/v2/images/${row.id}`, file: `/v2/images/${row.id}/file`, schema: '/v2/schemas/image',
  };
}
