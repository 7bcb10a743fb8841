/** A cluster of either generation: read, delete. */
import { forgetPower } from '../http/power.ts';
import { removeCluster } from '../http/cluster-removal.ts';
import { untilWritten } from '../http/until-written.ts';
import { requireCluster } from '../store/clusters.ts';
import type { Handler, MagnumRequest, Reply } from './api.ts';
import { clusterView, templateIdOf } from './cluster-view.ts';
import { findCluster, groupsOf, unknownCluster } from './find.ts';
import { withPower } from './first-generation.ts';
import { toMagnum } from './pass-on.ts';
import { findTemplate } from './templates.ts';

export const getCluster: Handler = async (request) => {
  const ident = request.part('cluster');
  const cluster = await findCluster(request, ident);
  if (!cluster) return withPower(request, await toMagnum(request, () => unknownCluster(ident), `Cluster ${ident}`));
  const [groups, template] = await Promise.all([groupsOf(cluster), findTemplate(request, templateIdOf(cluster))]);
  return clusterView(cluster, groups, request, template);
};

export const deleteCluster: Handler = async (request) => {
  const ident = request.part('cluster');
  const cluster = await findCluster(request, ident);
  if (!cluster) return deleteFirst(request, ident);
  await untilWritten(async () => removeCluster(await requireCluster(cluster.id), request));
  return {};
};

/** What is known of its power goes with it. */
async function deleteFirst(request: MagnumRequest, ident: string): Promise<Reply> {
  const reply = await toMagnum(request, () => unknownCluster(ident), `Cluster ${ident}`);
  if (reply.status === 204) await forgetPower(request.caller.projectId, ident);
  return reply;
}
