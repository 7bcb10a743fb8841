/** The Keystone project that holds everything of a cluster which its users must not reach. */
import { nameOf } from '../../layers/cluster/names.ts';
import { done, gone } from '../../layers/engine/step.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { oldest } from '../../layers/lifecycle/oldest.ts';
import { StillLanding } from '../../layers/lifecycle/creates.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { isOpenStackError } from '../../layers/openstack/error.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import { tagsOf } from '../../layers/recovery/found-cluster.ts';
import { changeCluster } from '../../layers/store/clusters.ts';

export const serviceProject = step({
  name: 'serviceProject',
  title: 'Service project',
  async run(context) {
    const projectId = await ensureProject(context);
    await changeCluster(context.cluster.id, ({ serviceProjectId }) => (serviceProjectId === projectId ? undefined : { serviceProjectId: projectId }), context.now());
    return done({ projectId });
  },
  async undo({ platform, cluster }) {
    for (const { id } of await keystone.listProjects(platform, { name: nameOf(cluster.id) })) await keystone.deleteProject(platform, id);
    return gone;
  },
});

// The name is unique in its domain: a second create fails by itself, so there is no look before the first.
async function ensureProject({ platform, cluster }: Context): Promise<string> {
  const name = nameOf(cluster.id);
  const description = `Moorage: service project of cluster ${cluster.name} (${cluster.id}) of project ${cluster.projectId}`;
  try {
    return (await keystone.createProject(platform, { name, description, enabled: true, tags: tagsOf(cluster) })).id;
  } catch (error) {
    if (!isOpenStackError(error, 409) && !(error instanceof StillLanding)) throw error;
    const found = oldest(await keystone.listProjects(platform, { name }));
    if (!found) throw error;
    return found.id;
  }
}

export const handler = stepFunction(serviceProject);
