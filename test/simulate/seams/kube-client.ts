/** In place of layers/kubernetes/client.ts: clusters are played from what the cloud has. */
import { KubernetesError, KubernetesUnreachable } from '../../../layers/kubernetes/errors.ts';
import type { Kube } from '../../../layers/kubernetes/client.ts';
import { pathOf, type Reference } from '../../../layers/kubernetes/kinds.ts';
import { world } from './world.ts';

export type { Kube };

export function openKube({ server, caPem, certPem }: { server: string; caPem: string; certPem: string }): Kube {
  const call = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    world().effects.take({ kind: 'kubernetes', what: `${method} ${path}` }, async () => {
      const { status, object } = await world().kubernetes.ask(server, { caPem, certPem }, method, path, body);
      if (status === 0) throw new KubernetesUnreachable(method, path, 'refused', new Error('connect ECONNREFUSED'));
      if (status >= 400) throw new KubernetesError(method, path, status, String(status), 'refused by the played cluster');
      return object as T;
    });
  const missing = <T>(instead: T) => (error: unknown): T => {
    if (error instanceof KubernetesError && error.status === 404) return instead;
    throw error;
  };
  const succeeds = async (path: string): Promise<boolean> => {
    try {
      await call('GET', path);
      return true;
    } catch (error) {
      if (error instanceof KubernetesUnreachable || (error as KubernetesError).status >= 500) return false;
      throw error;
    }
  };
  const place = (target: string | Reference): string => (typeof target === 'string' ? target : pathOf(target));
  return {
    get: (path) => call<never>('GET', path).catch(missing(undefined)),
    list: async (path, { fieldSelector } = {}) =>
      call('GET', fieldSelector ? `${path}?fieldSelector=${fieldSelector}` : path),
    apply: (object) => call('APPLY', pathOf(object), object),
    patch: (target, body) => call('PATCH', place(target), body),
    remove: async (target) => { await call('DELETE', place(target)).catch(missing(undefined)); },
    evict: async ({ name, namespace }) => {
      try {
        await call('POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`);
      } catch (error) {
        if (error instanceof KubernetesError && error.status === 429) return 'refused';
        missing(undefined)(error);
      }
      return 'evicted';
    },
    ready: () => succeeds('/readyz'),
    reachesNode: (name) => succeeds(`/api/v1/nodes/${name}/proxy/healthz`),
    close: () => {},
  };
}
