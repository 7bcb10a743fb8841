/**
 * Creates whose answer was lost may still land minutes later. Until then the step looks, and asks for nothing: a second
 * request would make a second thing, or, where the thing has a key in OpenStack, might land after its cluster is gone.
 */
import { isOpenStackError, type OpenStackError } from '../openstack/error.ts';
import type { Call } from '../openstack/call.ts';
import type { Session } from '../openstack/session.ts';

/** Everything else is a part of one of these: it is refused the second time, and goes with it (decisions 1 to 3). */
const lasting = new Set(['/projects', '/users', '/networks', '/ports', '/trunks', '/routers', '/security-groups', '/floatingips', '/volumes', '/os-server-groups', '/servers', '/lbaas/loadbalancers']);

/** A create of this run got no answer; `cause` is what went wrong first. */
export class LostCreate extends Error {
  override name = 'LostCreate';
  constructor(cause: unknown) {
    super('A create got no answer.', { cause });
  }
}

/** An earlier create may still be carried out: nothing is asked for until it is there, or can come no more. */
export class StillLanding extends Error {
  override name = 'StillLanding';
}

/** The creates of one run of a step. */
export class Creates {
  readonly #mayLandUntil: number;
  readonly #now: () => number;
  readonly #underWay = new Set<Promise<unknown>>();
  #isLost = false;

  /** `mayLandUntil` is the record's. */
  constructor(mayLandUntil: number | undefined, now: () => number) {
    this.#mayLandUntil = mayLandUntil ?? 0;
    this.#now = now;
  }

  /** The same session, except that it asks for nothing that may still come to be. */
  guard(session: Session): Session {
    return { request: <T>(call: Call) => (isLasting(call) ? this.#create<T>(session, call) : session.request<T>(call)) };
  }

  /** What a run that failed with `error` failed with, once all that it has asked for is answered. */
  async failure(error: unknown): Promise<unknown> {
    await Promise.allSettled(this.#underWay);
    return this.#isLost ? new LostCreate(error) : error;
  }

  async #create<T>(session: Session, call: Call): Promise<T> {
    if (this.#mayLandUntil > this.#now()) throw new StillLanding(`An earlier request to create one of ${call.path.text} got no answer and may still be carried out.`);
    const creating = session.request<T>(call);
    this.#underWay.add(creating);
    try {
      return await creating;
    } catch (error) {
      this.#isLost ||= isUnanswered(error);
      throw error;
    }
  }
}

const isLasting = ({ method, path }: Call): boolean => method === 'POST' && lasting.has(path.template);

/** The request may have arrived: it was on its way, or whoever passed it on got no answer either. */
const isUnanswered = (error: unknown): boolean => isOpenStackError(error)
  && (error.status === 502 || error.status === 504 || (error.status === 0 && !neverSent.has(error.type)));

const neverSent = new Set<OpenStackError['type']>(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EndpointNotFound']);
