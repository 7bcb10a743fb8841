/** How many pods of a budget may be evicted now. */
import { fits } from '../selectors.ts';
import type { Control } from './control.ts';
import { isReady, resolve, resources, type Budget, type Pod } from './kinds.ts';

export function disruptionBudgets({ api }: Control): void {
  for (const budget of api.list(resources.budgets) as Budget[]) {
    const { namespace, name, generation } = budget.metadata;
    const pods = (api.list(resources.pods, namespace) as Pod[])
      .filter(({ metadata }) => fits(budget.spec.selector, metadata.labels));
    const currentHealthy = pods.filter(isReady).length;
    const { minAvailable, maxUnavailable } = budget.spec;
    const desiredHealthy = minAvailable === undefined
      ? Math.max(0, pods.length - resolve(maxUnavailable, pods.length, Math.ceil))
      : resolve(minAvailable, pods.length, Math.ceil);
    const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy);
    api.writeStatus({ resource: resources.budgets, namespace, name }, () =>
      ({ observedGeneration: generation, expectedPods: pods.length, currentHealthy, desiredHealthy,
        disruptionsAllowed }));
  }
}
