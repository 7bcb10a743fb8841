/** Stop and start, which Magnum itself has no word for: of clusters of the first generation only. */
import { switchPower, type Switch } from '../http/power.ts';
import type { MagnumUuid } from '../../schemas/generated/types.ts';
import type { Handler } from './api.ts';
import { refused } from './errors.ts';
import { findCluster } from './find.ts';

const switched = (to: Switch): Handler => async (request): Promise<MagnumUuid> => {
  const ident = request.part('cluster');
  if (await findCluster(request, ident)) {
    throw refused(400, 'A managed cluster cannot be stopped or started: its machines belong to the platform.');
  }
  return { uuid: (await switchPower(request, ident, to)).uuid };
};

export const stopCluster = switched('stop');
export const startCluster = switched('start');
