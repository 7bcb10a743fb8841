/** Calls a Kubernetes API over HTTPS with a client certificate: the few verbs that lifecycle steps need. */
import { Agent } from 'node:https';
import { isNotYet, KubernetesError, KubernetesUnreachable } from './errors.ts';
import { pathOf, type Reference } from './kinds.ts';
import type { Manifest } from './manifests/manifest.ts';
import { send, type Answer, type KubeOptions } from './transport.ts';

export interface ListOptions {
  labelSelector?: string;
  fieldSelector?: string;
  pageSize?: number;
}

export interface Kube {
  /** The object at the path, or undefined when there is none. */
  get<T = Manifest>(path: string): Promise<T | undefined>;
  /** All objects at the path, page by page. */
  list<T = Manifest>(path: string, options?: ListOptions): Promise<T[]>;
  /**
   * Server-side apply: the object is as given afterwards, whether or not it was there, whoever else owned its fields.
   */
  apply<T = Manifest>(object: Manifest, options?: { fieldManager?: string; force?: boolean }): Promise<T>;
  /** JSON merge patch. */
  patch<T = Manifest>(target: string | Reference, body: unknown): Promise<T>;
  /** It is gone, or going: finalizers may hold it for a while. */
  remove(target: string | Reference): Promise<void>;
  /** Asks the pod to leave. `refused`: a disruption budget does not allow it now. */
  evict(pod: { name: string; namespace: string }): Promise<'evicted' | 'refused'>;
  /** Whether the API serves. False while it cannot be reached; throws when what answers is not the cluster's. */
  ready(): Promise<boolean>;
  /**
   * Whether an API server reaches the kubelet of that node, by a new connection: behind a load balancer each question
   * may get to another API server. False while it does not; throws when what answers is not the cluster's.
   */
  reachesNode(name: string): Promise<boolean>;
  /** Closes idle connections. */
  close(): void;
}

const getAttempts = 3;
const pauseMs = 200;
const mostPages = 200;

const query = (entries: Record<string, string | number | undefined>): string => {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
};

const targetPath = (target: string | Reference): string => (typeof target === 'string' ? target : pathOf(target));

function failure(method: string, path: string, { status, body, retryAfterMs }: Answer): KubernetesError {
  let answer: { reason?: string; message?: string } = {};
  try {
    answer = JSON.parse(body) as typeof answer;
  } catch {
    /* not a Status object: a proxy's page, or plain text of /readyz */
  }
  return new KubernetesError(
    method,
    path,
    status,
    answer.reason ?? 'Unknown',
    answer.message ?? body.slice(0, 300),
    retryAfterMs,
  );
}

/** A client for one API server address. Opens no connection before the first call. */
export function openKube(options: KubeOptions): Kube {
  const trust = { ca: options.caPem, cert: options.certPem, key: options.keyPem, minVersion: 'TLSv1.2' } as const;
  const agent = new Agent({ ...trust, keepAlive: true, maxSockets: 8 });
  const once = (method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Answer> =>
    send(options, agent, method, path, body, contentType);
  const succeeds = async (path: string, by = agent): Promise<boolean> => {
    try {
      return (await send(options, by, 'GET', path, undefined, 'application/json')).status === 200;
    } catch (error) {
      if (isNotYet(error)) return false;
      throw error;
    }
  };

  async function call(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      let problem: KubernetesError | KubernetesUnreachable;
      try {
        const answer = await once(method, path, body, contentType);
        if (answer.status < 400) return answer;
        problem = failure(method, path, answer);
      } catch (error) {
        if (!(error instanceof KubernetesUnreachable)) throw error;
        problem = error;
      }
      if (method !== 'GET' || attempt >= getAttempts || !worthRepeating(problem)) throw problem;
      await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt));
    }
  }

  const json = async <T>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> =>
    JSON.parse((await call(method, path, body, contentType)).body) as T;

  return {
    get: <T>(path: string) => json<T>('GET', path).catch(orNotFound(undefined)),
    list: <T>(path: string, selectors: ListOptions = {}) => listAll<T>(json, path, selectors),
    apply: async <T>(object: Manifest, { fieldManager = 'moorage', force = true } = {}) =>
      json<T>(
        'PATCH',
        pathOf(object) + query({ fieldManager, force: String(force) }),
        object,
        'application/apply-patch+yaml',
      ),
    patch: async <T>(target: string | Reference, body: unknown) =>
      json<T>('PATCH', targetPath(target) + query({ fieldManager: 'moorage' }), body, 'application/merge-patch+json'),
    remove: async (target) => {
      await call('DELETE', targetPath(target) + query({ propagationPolicy: 'Background' })).catch(
        orNotFound(undefined),
      );
    },
    evict: async ({ name, namespace }) => {
      const path = `${pathOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } })}/eviction`;
      try {
        await call('POST', path, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } });
      } catch (error) {
        if (error instanceof KubernetesError && error.status === 429) return 'refused';
        orNotFound(undefined)(error);
      }
      return 'evicted';
    },
    ready: () => succeeds('/readyz'),
    reachesNode: (name) => succeeds(`/api/v1/nodes/${name}/proxy/healthz`, new Agent({ ...trust, keepAlive: false })),
    close: () => agent.destroy(),
  };
}

const orNotFound =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof KubernetesError && error.status === 404) return instead;
    throw error;
  };

/** Passing faults only: a refused connection is an answer, and a time-out has already cost what a call may cost. */
const worthRepeating = (problem: KubernetesError | KubernetesUnreachable): boolean =>
  problem instanceof KubernetesUnreachable ? problem.why === 'closed' : [429, 502, 503, 504].includes(problem.status);

interface Page<T> {
  items?: T[];
  metadata?: { continue?: string };
}

async function listAll<T>(
  json: <A>(method: string, path: string) => Promise<A>,
  path: string,
  selectors: ListOptions,
): Promise<T[]> {
  const { labelSelector, fieldSelector, pageSize = 500 } = selectors;
  for (let restarted = false; ; restarted = true) {
    const items: T[] = [];
    let next: string | undefined;
    try {
      for (let pages = 0; pages < mostPages; pages++) {
        const page: Page<T> = await json(
          'GET',
          path + query({ limit: pageSize, labelSelector, fieldSelector, continue: next }),
        );
        items.push(...(page.items ?? []));
        next = page.metadata?.continue;
        if (!next) return items;
      }
      throw new KubernetesError('GET', path, 200, 'TooManyPages', `the list has more than ${mostPages} pages`);
    } catch (error) {
      // The snapshot that the pages were read from has been compacted away: once more, from the start.
      if (restarted || !(error instanceof KubernetesError) || error.status !== 410) throw error;
    }
  }
}
