/** What has been asked of the cloud, and what it made callers wait for. */
import type { State } from './state.ts';
import type { WaitRow } from './rows.ts';

/** Calls by service, by verb, and by verb with path template. */
export interface CallCounts {
  total: number;
  byService: Record<string, number>;
  byVerb: Record<string, Record<string, number>>;
  byCall: Record<string, number>;
}

export interface Wait {
  resource: string;
  id: string;
  name: string;
  projectId: string;
  /** X-OpenStack-Request-ID that the caller sent with the call that began it. */
  requestId: string | undefined;
  startedAt: number;
  /** Absent while it lasts. */
  endedAt: number | undefined;
}

/** Calls that carry this request id are an onlooker's, the machines' for one: they are answered, and not counted. */
export const onlookerRequestId = 'req-00000000-0000-4000-8000-000000000000';

export class CallLog {
  #counts: CallCounts = { total: 0, byService: {}, byVerb: {}, byCall: {} };

  count(service: string, method: string, template: string): void {
    const { byService, byVerb, byCall } = this.#counts;
    const call = `${service} ${method} ${template}`;
    const verbs = (byVerb[service] ??= {});
    this.#counts.total += 1;
    byService[service] = (byService[service] ?? 0) + 1;
    verbs[method] = (verbs[method] ?? 0) + 1;
    byCall[call] = (byCall[call] ?? 0) + 1;
  }

  read(): CallCounts {
    return structuredClone(this.#counts);
  }

  reset(): void {
    this.#counts = { total: 0, byService: {}, byVerb: {}, byCall: {} };
  }
}

/** Every asynchronous wait so far, oldest first. */
export function listWaits(state: State): Wait[] {
  return state.table('waits').list().map(readWait);
}

function readWait(row: WaitRow): Wait {
  const { resource, resourceId: id, name, projectId, requestId, startedAt, endedAt } = row;
  return { resource, id, name, projectId, requestId: requestId ?? undefined, startedAt, endedAt: endedAt ?? undefined };
}
