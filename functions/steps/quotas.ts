/** The service project's quotas in four services: room for what the cluster needs, and a limit to what can go wrong. */
import type { NodeGroup } from '../../layers/cluster/cluster.ts';
import { needsOf, type FlavorSize, type Needs } from '../../layers/cluster/needs.ts';
import { TerminalError } from '../../layers/engine/failure.ts';
import { done, gone, more, wait } from '../../layers/engine/step.ts';
import { step, type Context } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import * as cinder from '../../layers/openstack/cinder.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import { requireCluster } from '../../layers/store/clusters.ts';
import { listNodeGroups } from '../../layers/store/node-groups.ts';
import { listRecords } from '../../layers/store/steps.ts';

export const quotas = step({
  name: 'quotas',
  title: 'Quotas of the service project',
  async run(context, { serviceProject }: { serviceProject: { projectId: string } }) {
    const { service, cluster, settings, operation } = context;
    const { projectId } = serviceProject;
    // For a group that comes along with its cluster, the cluster's creation has made room, or is about to.
    if (operation.parent) {
      const made = (await listRecords(operation.parent.operationId)).find(({ key }) => key === 'quotas');
      if (made) return made.status === 'done' ? done(made.output as Needs) : wait('the room of the whole cluster is being made');
    }
    const groups = await listNodeGroups(cluster);
    const sizes = await flavorSizes(context, [cluster.masters.flavorId, ...groups.map(({ flavorId }) => flavorId)]);
    const needs = needsOf(cluster, groups, (id) => sizes.get(id)!, settings);
    // One machine more than there are, for one that is being replaced.
    const spare = Math.max(...[...sizes.values()].map(({ vcpus }) => vcpus));
    const spareRam = Math.max(...[...sizes.values()].map(({ ram }) => ram));
    await Promise.all([
      nova.updateQuotaSet(service, projectId, {
        instances: needs.instances + 1, cores: needs.cores + spare, ram: needs.ramMiB + spareRam,
        server_groups: needs.serverGroups, server_group_members: needs.instances + 1, force: true,
      }),
      neutron.updateQuota(service, projectId, {
        network: 1, subnet: 1, router: 1, floatingip: 1, security_group: 4, security_group_rule: 60, trunk: needs.instances, port: 3 * needs.instances + 20,
      }),
      cinder.updateQuotaSet(service, projectId, {
        volumes: needs.volumes + settings.persistentVolumes, gigabytes: needs.gigabytes + settings.persistentGiB, snapshots: settings.persistentVolumes,
      }),
      octavia.updateQuota(service, projectId, { load_balancer: 2, listener: 4, pool: 4, member: 4 * cluster.masters.count, health_monitor: 4 }),
    ]);
    // Another change may know other groups than we do, and have written before us: whoever writes last must know of all.
    const after = await listNodeGroups(await requireCluster(cluster.id));
    return extentOf(after) === extentOf(groups) ? done({ ...needs }) : more('room for another change is to be made');
  },
  async undo({ service, serviceProjectId }) {
    const projectId = await serviceProjectId();
    await Promise.all([nova.deleteQuotaSet, neutron.deleteQuota, cinder.deleteQuotaSet, octavia.deleteQuota].map((remove) => remove(service, projectId)));
    return gone;
  },
});

/** What of the groups the needs follow from. */
const extentOf = (groups: readonly NodeGroup[]): string =>
  JSON.stringify(groups.map(({ flavorId, size, limits, disk, nodes }) => [flavorId, size, limits?.max, disk.size, nodes.length]));

async function flavorSizes({ service }: Context, ids: readonly string[]): Promise<Map<string, FlavorSize>> {
  const flavors = await Promise.all([...new Set(ids)].map(async (id) => {
    const flavor = await nova.getFlavor(service, id);
    if (!flavor) throw new TerminalError('flavor_missing', `The flavor ${id} does not exist any more.`, 'Delete what uses it, or have it put back and retry the operation.');
    return [id, flavor] as const;
  }));
  return new Map(flavors);
}

export const handler = stepFunction(quotas);
