/** Evictions: a pod leaves unless a disruption budget says no. */
import { ApiError } from './api-error.ts';
import type { Api } from './api.ts';
import { builtInResource } from './resource-table.ts';
import { fits, type LabelSelector } from './selectors.ts';

const pods = builtInResource('Pod');
const budgets = builtInResource('PodDisruptionBudget');

/** Throws 429 when a budget has no disruption left. */
export function evict(api: Api, namespace: string, name: string): object {
  const target = { resource: pods, namespace, name };
  const pod = api.get(target);
  const covering = api.list(budgets, namespace)
    .filter(({ spec }) => fits((spec as { selector?: LabelSelector }).selector, pod.metadata.labels));
  for (const budget of covering) {
    const { disruptionsAllowed = 0 } = (budget.status ?? {}) as { disruptionsAllowed?: number };
    if (disruptionsAllowed < 1) {
      throw new ApiError(429, 'TooManyRequests', 'Cannot evict pod as it would violate the pod\'s disruption budget.', {
        causes: [{ reason: 'DisruptionBudget',
          message: `The disruption budget ${budget.metadata.name} does not allow it now` }],
      });
    }
  }
  for (const budget of covering) {
    api.writeStatus({ resource: budgets, namespace, name: budget.metadata.name }, (status) =>
      ({ ...status, disruptionsAllowed: Number(status.disruptionsAllowed) - 1 }));
  }
  api.remove(target);
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}
