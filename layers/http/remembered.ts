/** What a token was told of the cloud less than a minute ago: whoever asks for many clusters at once would have the same looked up for each. */
import { createHash } from 'node:crypto';
import type { Admission, Sessions } from '../admission/admit-cluster.ts';
import type { Call } from '../openstack/call.ts';
import type { Session } from '../openstack/session.ts';
import type { Request } from './endpoint.ts';
import { sessionsOf } from './sessions.ts';

const keepMs = 60_000;
const keepMost = 200;
interface Known { answer: Promise<unknown>; until: number }
const answers = new Map<string, Known>();

/**
 * Admits with what is remembered, and refuses for nothing but what the cloud says now: where there are problems, it is asked anew. What has
 * gone within the minute is noticed by the operation, as what goes a moment after the answer is.
 */
export async function admit<Records extends object>(request: Request, decide: (sessions: Sessions) => Promise<Admission<Records>>): Promise<Admission<Records>> {
  const sessions = sessionsOf(request);
  const whose = createHash('sha256').update(request.caller.token).digest('base64');
  let isRemembered = false;
  const first = await decide({ ...sessions, lookups: remembering(sessions.lookups, whose, () => { isRemembered = true; }) });
  if (!('problems' in first) || !isRemembered) return first;
  return decide({ ...sessions, lookups: remembering(sessions.lookups, whose) });
}

/** Answers reads from memory and says so to `told`; without it asks, and remembers. One that failed is not kept. */
function remembering(session: Session, whose: string, told?: () => void): Session {
  return {
    async request<T>(call: Call): Promise<T> {
      const { service, method, path, query, microversion } = call;
      if (method !== 'GET') return session.request<T>(call);
      const key = JSON.stringify([whose, service, path.text, query, microversion]);
      const known = answers.get(key);
      if (told && known && known.until > Date.now()) {
        told();
        return (known.answer as Promise<T>).catch(() => session.request<T>(call));
      }
      if (answers.size >= keepMost) answers.clear();
      const answer = session.request<T>(call);
      const asked: Known = { answer, until: Date.now() + keepMs };
      answers.set(key, asked);
      answer.catch(() => { if (answers.get(key) === asked) answers.delete(key); });
      return answer;
    },
  };
}
