/** A persistent volume becomes its user's own. */
import { at, flow } from '../layers/engine/flow.ts';
import { apiEndpoint } from '../functions/steps/api-endpoint.ts';
import { clusterUser } from '../functions/steps/cluster-user.ts';
import { userVolume } from '../functions/steps/user-volume.ts';
import { call } from './policies.ts';

export const handOverVolume = flow('handOverVolume', 'Hand a volume over to the user', [
  at(userVolume, [clusterUser, apiEndpoint], call),
], [clusterUser, apiEndpoint]);
