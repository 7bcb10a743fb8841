/** What runs the service, for administrators: Magnum's own, and Moorage, which has no servers to list. */
import { isOpenStackError } from '../openstack/error.ts';
import { Reply, type Handler } from './api.ts';
import { refused } from './errors.ts';
import { missingHeaders } from './merged-list.ts';
import { askMagnum, isAbsent } from './pass-on.ts';

export const services: Handler = async (request) => {
  if (!request.caller.roles.includes('admin')) throw refused(403, 'Policy doesn\'t allow magnum-service:get_all to be performed.');
  const at = new Date(request.now).toISOString();
  const own = {
    id: 0, host: 'moorage', binary: 'moorage', state: 'up', disabled: false, disabled_reason: null, report_count: 0,
    last_seen_up: at, created_at: null, updated_at: at,
  };
  try {
    const { status, body } = await askMagnum(request, { method: 'GET', path: '/mservices' });
    if (status === 403) throw refused(403, 'Policy doesn\'t allow magnum-service:get_all to be performed.');
    const theirs = status === 200 ? (JSON.parse(body) as { mservices: object[] }).mservices : [];
    return new Reply(200, JSON.stringify({ mservices: [own, ...theirs] }), status === 200 ? {} : missingHeaders);
  } catch (error) {
    if (!isOpenStackError(error)) throw error;
    return new Reply(200, JSON.stringify({ mservices: [own] }), isAbsent(error) ? {} : missingHeaders);
  }
};
