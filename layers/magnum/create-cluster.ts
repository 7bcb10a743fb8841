/** Creates clusters: the template says of which generation. */
import { admitCluster } from '../admission/admit-cluster.ts';
import { parseBody } from '../http/body.ts';
import { hint } from '../http/hint.ts';
import { identityOf } from '../http/idempotency.ts';
import { admit } from '../http/remembered.ts';
import { untilWritten } from '../http/until-written.ts';
import { requireSettings } from '../platform/settings.ts';
import { getCluster } from '../store/clusters.ts';
import { idFrom } from '../store/ids.ts';
import { startCluster } from '../store/start-operation.ts';
import type { MagnumClusterCreate, MagnumUuid } from '../../schemas/generated/types.ts';
import isClusterCreate from '../../schemas/generated/validate/MagnumClusterCreate.js';
import type { MagnumRequest, Reply } from './api.ts';
import { invalid, refused } from './errors.ts';
import { toMagnum } from './pass-on.ts';
import { requireRoom } from './quota.ts';
import { clusterPaths, readCluster } from './read-cluster.ts';
import { findTemplate, type Template } from './templates.ts';

/** The row is there, CREATE_IN_PROGRESS, before the answer is. */
export async function createCluster(request: MagnumRequest): Promise<MagnumUuid | Reply> {
  const body = parseBody(request.event, isClusterCreate);
  if (body.node_count === 0) requireZero(request);
  const template = await findTemplate(request, body.cluster_template_id);
  if (template) return createManaged(request, body, template);
  const named = `ClusterTemplate ${body.cluster_template_id}`;
  return toMagnum(request, () => refused(400, `${named} could not be found.`), named);
}

/** Groups without nodes came with 1.10. */
export function requireZero({ version }: MagnumRequest): void {
  if (version.minor < 10) throw refused(400, 'Resizing a nodegroup to zero is not supported in the provided microversion.');
}

async function createManaged(request: MagnumRequest, body: MagnumClusterCreate, template: Template): Promise<MagnumUuid> {
  const { caller: { projectId, userId }, now } = request;
  const identity = identityOf([projectId], undefined, request, body);
  if (identity.repeatable && await getCluster(identity.id)) return { uuid: identity.uuid };
  const settings = requireSettings();
  const createOperationId = idFrom(identity.id, 'createCluster');
  const origin = { ...identity, projectId, createdBy: userId, createOperationId, now };
  const [admitted] = await Promise.all([admit(request, async (sessions) => {
    const read = await readCluster(body, template, projectId, sessions.lookups, settings);
    return 'problems' in read ? read : admitCluster(read.wish, clusterPaths, origin, sessions, settings);
  }), requireRoom(request)]);
  if ('problems' in admitted) throw invalid(admitted.problems);
  const operation = { id: createOperationId, flow: 'createCluster', clusterId: identity.id, requestedBy: userId };
  await untilWritten(async () => {
    if (await startCluster(admitted.cluster, admitted.groups, operation, now)) await hint(createOperationId, projectId);
    else if (!await getCluster(identity.id)) return undefined;
    return true;
  });
  return { uuid: identity.uuid };
}
