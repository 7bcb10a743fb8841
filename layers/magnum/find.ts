/** Clusters and node groups of the second generation, by name or uuid; what is not ours is Magnum's. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import type { HttpError } from '../http/http-error.ts';
import { isOpenStackError } from '../openstack/error.ts';
import { getClusterByUuid, listClustersByName } from '../store/clusters.ts';
import { listNodeGroups } from '../store/node-groups.ts';
import type { Handler, MagnumRequest } from './api.ts';
import { refused } from './errors.ts';
import { askMagnum, toMagnum } from './pass-on.ts';

/** The caller's cluster, undefined when it is none of the second generation. 409 when several are called so. */
export async function findCluster(request: MagnumRequest, ident: string): Promise<Cluster | undefined> {
  const { projectId } = request.caller;
  const byUuid = await getClusterByUuid(projectId, ident);
  if (byUuid) return byUuid.phase === 'deleted' ? undefined : byUuid;
  const [found, ...more] = await listClustersByName(projectId, ident);
  if (!found) return undefined;
  if (more.length > 0 || await isMagnums(request, ident)) {
    throw refused(409, 'Multiple clusters exist with same name. Please use the cluster uuid instead.');
  }
  return found;
}

/** Whether the first generation has a cluster of that name as well; a Magnum that does not answer has none. */
async function isMagnums(request: MagnumRequest, name: string): Promise<boolean> {
  try {
    const { status } = await askMagnum(request, { method: 'GET', path: `/clusters/${encodeURIComponent(name)}` });
    return status === 200 || status === 409;
  } catch (error) {
    if (!isOpenStackError(error)) throw error;
    return false;
  }
}

export const unknownCluster = (ident: string, status = 404): HttpError => refused(status, `Cluster ${ident} could not be found.`);

/** `handle` for a cluster of the second generation that the path names; any other is Magnum's to answer. */
export const ofCluster = (handle: (request: MagnumRequest, cluster: Cluster) => Promise<object>): Handler => async (request) => {
  const ident = request.part('cluster');
  const cluster = await findCluster(request, ident);
  return cluster ? handle(request, cluster) : toMagnum(request, () => unknownCluster(ident), `Cluster ${ident}`);
};

/** Those that are there, the oldest first. */
export async function groupsOf(cluster: Cluster): Promise<NodeGroup[]> {
  const groups = await listNodeGroups(cluster);
  return groups.filter(({ phase }) => phase !== 'deleted').toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || a.name.localeCompare(b.name));
}

export const unknownGroup = (ident: string): HttpError => refused(404, `Nodegroup ${ident} could not be found.`);
