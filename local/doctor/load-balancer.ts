/** Octavia: load balancers of users are seen, and quotas can be set. */
import * as octavia from '../../layers/openstack/octavia.ts';
import { missing, ok, type Check } from './check.ts';
import { allowLoadBalancers } from './remedies.ts';

const others: Check = {
  title: 'Load balancers of users',
  async look({ project, otherProjectId }) {
    await octavia.listLoadBalancers(project, { project_id: otherProjectId });
    await octavia.getQuota(project, otherProjectId);
    return ok('can be listed');
  },
  type: allowLoadBalancers,
};

const quota: Check = {
  title: 'Quotas of Octavia',
  async look({ project, projectId }) {
    await octavia.updateQuota(project, projectId, { load_balancer: 2 });
    if ((await octavia.getQuota(project, projectId)).load_balancer !== 2) return missing('are accepted, but do not count');
    await octavia.deleteQuota(project, projectId);
    return ok('can be set');
  },
  type: allowLoadBalancers,
};

export const loadBalancerChecks = [others, quota];
