/** What the code of a step sees, and how it gets at the clouds. */
import type { Cluster, NodeGroup } from '../cluster/cluster.ts';
import { nameOf } from '../cluster/names.ts';
import type { Operation, StepRecord } from '../engine/ports.ts';
import { stepsOf } from '../engine/step.ts';
import { listProjects } from '../openstack/keystone.ts';
import type { Session } from '../openstack/session.ts';
import type { Settings } from '../platform/settings.ts';
import { requireCluster } from '../store/clusters.ts';
import { requireNodeGroup } from '../store/node-groups.ts';
import { requireSettings } from '../platform/settings.ts';
import { Creates } from './creates.ts';
import { oldest } from './oldest.ts';
import { session } from './sessions.ts';

export interface Context {
  cluster: Cluster;
  operation: Operation;
  record: StepRecord;
  settings: Settings;
  /** The platform's user in the service domain: projects and users. */
  platform: Session;
  /** The platform's user in the cluster's service project, as administrator: also for the user's project, by id. */
  service: Session;
  /** Id of the service project; throws NoServiceProject when there is none (any more). */
  serviceProjectId(): Promise<string>;
  now(): number;
  /** What this run makes. */
  creates: Creates;
}

/** Of a node group's flows. */
export interface GroupContext extends Context { group: NodeGroup }

export const step = stepsOf<Context>();
export const groupStep = stepsOf<GroupContext>();

/** Whether the step has begun what it waits for, and nothing has gone wrong since: then it is enough to ask whether that is over. */
export const isWaiting = ({ waitingSince, failure }: StepRecord): boolean => waitingSince !== undefined && !failure;

/** Thrown where a step needs the service project and there is none: then there is nothing in it to undo either. */
export class NoServiceProject extends Error {
  override name = 'NoServiceProject';
}

async function serviceProjectId({ id, serviceProjectId: known }: Cluster, platform: Session): Promise<string> {
  if (known) return known;
  const found = oldest(await listProjects(platform, { name: nameOf(id) }));
  if (!found) throw new NoServiceProject(`Cluster ${id} has no service project.`);
  return found.id;
}

/** Reads what a step's run needs to know, after its claim. */
export async function contextOf(operation: Operation, record: StepRecord): Promise<Context & { group?: NodeGroup }> {
  const settings = requireSettings();
  const [cluster, group] = await Promise.all([
    requireCluster(operation.clusterId),
    operation.groupId ? requireNodeGroup(operation.groupId) : undefined,
  ]);
  const creates = new Creates(record.mayLandUntil, () => Date.now());
  const open = (scope: Parameters<typeof session>[1]) => creates.guard(session(settings, scope, { purpose: `${operation.id}/${record.key}`, projectId: cluster.projectId }));
  const platform = open({ domainName: settings.serviceDomainName });
  return {
    cluster, operation, record, settings, ...(group && { group }), platform,
    serviceProjectId: () => serviceProjectId(cluster, platform),
    service: open({ projectName: nameOf(cluster.id), projectDomainName: settings.serviceDomainName }),
    now: () => Date.now(), creates,
  };
}
