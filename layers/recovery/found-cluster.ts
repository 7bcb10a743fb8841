/** What a service project says of the cluster that it belongs to, without any table. */
import type { Cluster } from '../cluster/cluster.ts';
import { markOf, nameOf } from '../cluster/names.ts';
import type { Project } from '../openstack/keystone.ts';

export interface FoundCluster {
  clusterId: string;
  /** Its service project's. */
  projectId: string;
  /** What it was called when it was made, whose it is, and its UUID; absent where the project does not say so. */
  name?: string;
  ownerId?: string;
  uuid?: string;
}

const tagNames = { name: 'moorage-name', ownerId: 'moorage-of', uuid: 'moorage-uuid' } as const;

/** The tags of a cluster's service project: with them the cluster is found again when every table is lost. */
export const tagsOf = ({ id, name, projectId, uuid }: Pick<Cluster, 'id' | 'name' | 'projectId' | 'uuid'>): string[] =>
  ['moorage', markOf(id), `${tagNames.name}=${name}`, `${tagNames.ownerId}=${projectId}`, `${tagNames.uuid}=${uuid}`];

/** Undefined when neither its mark nor its name says whose it is. */
export function foundCluster({ id: projectId, name, tags, description }: Pick<Project, 'id' | 'name' | 'tags' | 'description'>): FoundCluster | undefined {
  const tag = (prefix: string): string | undefined => tags.find((one) => one.startsWith(`${prefix}=`))?.slice(prefix.length + 1);
  const clusterId = tag('moorage') ?? (name.startsWith(nameOf('')) ? name.slice(nameOf('').length) : undefined);
  if (!clusterId) return undefined;
  // Projects that were made before they had these tags say it in a sentence.
  const [, saidName, saidOwner] = /service project of cluster (\S+) \(\w+\) of project (\S+)$/.exec(description ?? '') ?? [];
  const said = { name: tag(tagNames.name) ?? saidName, ownerId: tag(tagNames.ownerId) ?? saidOwner, uuid: tag(tagNames.uuid) };
  return { clusterId, projectId, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}
