/** What has happened to a cluster, the newest first. */
import { endpoint } from '../../layers/http/endpoint.ts';
import { requireOwnCluster } from '../../layers/http/owned.ts';
import { limitOf, nextPage, unknownMarker } from '../../layers/http/page.ts';
import { listEvents, type ClusterEvent } from '../../layers/store/events.ts';
import type { Event, EventList } from '../../schemas/generated/types.ts';

export const list = endpoint('read', async (request): Promise<EventList> => {
  const cluster = await requireOwnCluster(request.caller, request.part('id'), 'deleted-too');
  const { marker } = request.query;
  if (marker !== undefined && !/^[0-9A-Za-z-]{1,64}$/.test(marker)) throw unknownMarker();
  const { events, next } = await listEvents(cluster.id, limitOf(request), marker);
  return { events: events.map(view), ...nextPage(request, next) };
});

const view = ({ id, at, level, reason, message, operationId, step, nodeGroupId }: ClusterEvent): Event => ({
  id, at, level, reason, message,
  ...(operationId && { operation_id: operationId }), ...(step && { step }),
  ...(nodeGroupId && { node_group_id: nodeGroupId }),
});
