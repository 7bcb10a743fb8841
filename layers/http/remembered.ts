/** What a token was told of the cloud some minutes ago: whoever asks for many clusters at once would have the same looked up for each. */
import type { Admission, Sessions } from '../admission/admit-cluster.ts';
import type { Call } from '../openstack/call.ts';
import type { Session } from '../openstack/session.ts';
import type { Request } from './endpoint.ts';
import { hashOf, Memory } from './memory.ts';
import { sessionsOf } from './sessions.ts';

/** By token and question. */
const answers = new Memory<{ answer: unknown }>(200, 5 * 60_000);

/**
 * Admits with what is remembered, and refuses for nothing but what the cloud says now: where there are problems, it is asked anew. What has
 * gone meanwhile is noticed by the operation, as what goes a moment after the answer is.
 */
export async function admit<Records extends object>(request: Request, decide: (sessions: Sessions) => Promise<Admission<Records>>): Promise<Admission<Records>> {
  const sessions = sessionsOf(request);
  const whose = hashOf(request.caller.token);
  let isRemembered = false;
  const first = await decide({ ...sessions, lookups: remembering(sessions.lookups, whose, () => { isRemembered = true; }) });
  if (!('problems' in first) || !isRemembered) return first;
  return decide({ ...sessions, lookups: remembering(sessions.lookups, whose) });
}

/** Answers reads from memory and says so to `told`; without it asks, and remembers what comes. */
function remembering(session: Session, whose: string, told?: () => void): Session {
  return {
    async request<T>(call: Call): Promise<T> {
      const { service, method, path, query, microversion } = call;
      if (method !== 'GET') return session.request<T>(call);
      const key = JSON.stringify([whose, service, path.text, query, microversion]);
      const known = told && answers.get(key);
      if (known) {
        told();
        return known.answer as T;
      }
      const answer = await session.request<T>(call);
      answers.keep(key, { answer });
      return answer;
    },
  };
}
