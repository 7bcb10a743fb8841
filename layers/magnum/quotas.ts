/** Quotas are kept by Magnum and hold for both generations; without it there is the installation's own limit. */
import { HttpError } from '../http/http-error.ts';
import { requireSettings } from '../platform/settings.ts';
import type { MagnumQuota } from '../../schemas/generated/types.ts';
import { Reply, type Handler } from './api.ts';
import { refused } from './errors.ts';
import { toMagnum } from './pass-on.ts';

const isAdmin = (roles: readonly string[]): boolean => roles.includes('admin');

export const getQuota: Handler = async (request) => {
  const { caller: { projectId, roles } } = request;
  const [project, resource] = [request.part('project'), request.part('resource')];
  try {
    return await toMagnum(request, () => new NoMagnum());
  } catch (error) {
    if (!(error instanceof NoMagnum)) throw error;
  }
  if (project !== projectId && !isAdmin(roles)) throw refused(403, 'Not authorized.');
  return { project_id: project, resource, hard_limit: requireSettings().clustersPerProject, id: null, created_at: null, updated_at: null } satisfies MagnumQuota;
};

export const listQuotas: Handler = async (request) => {
  try {
    return await toMagnum(request, () => new NoMagnum());
  } catch (error) {
    if (!(error instanceof NoMagnum)) throw error;
  }
  if (!isAdmin(request.caller.roles)) throw refused(403, 'Policy doesn\'t allow quota:get_all to be performed.');
  return new Reply(200, JSON.stringify({ quotas: [] }));
};

/** Only said between these. */
class NoMagnum extends HttpError {
  constructor() {
    super({ status: 404, code: 'no_magnum', message: 'This cloud has no Magnum.' });
  }
}
