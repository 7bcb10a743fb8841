/** A cluster's own settings, edited in place: today the allow-list of its Kubernetes API. */
import { at, flow } from '../layers/engine/flow.ts';
import { apiListener } from '../functions/steps/api-listener.ts';
import { apiLoadBalancer } from '../functions/steps/api-load-balancer.ts';
import { part } from './policies.ts';

export const updateCluster = flow('updateCluster', 'Change the cluster', [
  at(apiListener, [apiLoadBalancer], part),
], [apiLoadBalancer]);
