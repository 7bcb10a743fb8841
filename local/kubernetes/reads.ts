/** Lists, page by page, and watches. */
import type { ServerResponse } from 'node:http';
import { badRequest, expired } from './api-error.ts';
import type { Api } from './api.ts';
import type { ResourceCall } from './call.ts';
import type { KubeObject } from './objects.ts';
import { apiVersionOf, tableOf } from './resource-table.ts';
import { parseFieldSelector, parseLabelSelector } from './selectors.ts';
import type { Change } from './store.ts';

/** What the request's selectors, namespace and name let through. */
function filterOf({ namespace, name }: ResourceCall, query: URLSearchParams): (object: KubeObject) => boolean {
  const byLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const byFields = parseFieldSelector(query.get('fieldSelector') ?? '');
  return (object) => (namespace === undefined || object.metadata.namespace === namespace)
    && (name === undefined || object.metadata.name === name) && byLabels(object) && byFields(object);
}

interface Place { revision: number; after: string }

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function placeOf(text: string): Place {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Place;
  } catch {
    throw badRequest('continue key is not valid');
  }
}

/** The answer to a list. A list that is continued after the store changed goes on with what there is now. */
export function list(api: Api, call: ResourceCall, query: URLSearchParams): object {
  const filter = filterOf(call, query);
  const from = query.get('continue');
  const place = from ? placeOf(from) : undefined;
  // A store that was taken up again counts on from where it was: a greater revision was never given out.
  if (place && place.revision > api.store.revision) throw expired();
  const all = api.list(call.resource, call.namespace).filter(filter)
    .filter((object) => !place || keyOf(object) > place.after);
  const limit = Number(query.get('limit') ?? 0) || all.length;
  const items = all.slice(0, limit);
  const remaining = all.length - items.length;
  const token: Place = { revision: place?.revision
    ?? api.store.revision, after: items.length > 0 ? keyOf(items.at(-1)!) : '' };
  return {
    kind: `${call.resource.kind}List`, apiVersion: apiVersionOf(call.resource),
    metadata: {
      resourceVersion: String(api.store.revision),
      ...(remaining > 0 && { continue: Buffer.from(JSON.stringify(token))
        .toString('base64url'), remainingItemCount: remaining }),
    },
    items,
  };
}

/** How a change looks to a watcher that sees only what its selectors let through. */
function eventOf({ type, object, before }: Change, filter: (object: KubeObject) =>
  boolean): { type: string; object: KubeObject } | undefined {
  const was = before !== undefined && filter(before);
  const is = type !== 'DELETED' && filter(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object };
  return was ? { type: 'DELETED', object } : undefined;
}

/** Writes changes as they come, in the shape asked for, until the client leaves or the time it asked for is over. */
export function watch(
  api: Api, call: ResourceCall, query: URLSearchParams, response: ServerResponse, shape = (object: unknown): unknown => object,
): void {
  const filter = filterOf(call, query);
  const table = tableOf(call.resource);
  const asked = query.get('resourceVersion') ?? '';
  const missed = asked === '' || asked === '0' ? undefined : api.store.since(Number(asked));
  if (asked !== '' && asked !== '0' && !missed) throw expired();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const write = (event: { type: string; object: KubeObject } | undefined): void => {
    if (!event) return;
    const object = shape({ ...event.object, apiVersion: apiVersionOf(call.resource) });
    response.write(`${JSON.stringify({ ...event, object })}\n`);
  };
  const onChange = (change: Change): void => { if (change.table === table) write(eventOf(change, filter)); };
  if (missed) missed.forEach(onChange);
  else api.list(call.resource, call.namespace).filter(filter).forEach((object) => write({ type: 'ADDED', object }));
  api.store.changes.on('change', onChange);
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined;
  response.on('close', () => {
    clearTimeout(timer);
    api.store.changes.off('change', onChange);
  });
}
