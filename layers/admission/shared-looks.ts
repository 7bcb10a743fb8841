/** What many requests ask of the cloud at the same moment is asked once: a script that wants fifty clusters looks up one network. */
import type { Call } from '../openstack/call.ts';
import type { Session } from '../openstack/session.ts';

/** Those that are not answered yet. */
const looks = new Map<string, Promise<unknown>>();

/**
 * The same session, except that what `owner` is reading already is not read beside it: whoever asks meanwhile has the same answer, or the same
 * failure. `owner`: all who see the same of the cloud, so a token (its hash), never a project. Answers are shared: nobody may change them.
 */
export function sharingLooks(session: Session, owner: string): Session {
  return {
    request<T>(call: Call): Promise<T> {
      if (call.method !== 'GET') return session.request<T>(call);
      const { service, path, query, microversion, headers } = call;
      const key = JSON.stringify([owner, service, path.text, query, microversion, headers]);
      const known = looks.get(key);
      if (known) return known as Promise<T>;
      const look = session.request<T>(call).finally(() => looks.delete(key));
      looks.set(key, look);
      return look;
    },
  };
}
