/**
 * How much Moorage asks of each OpenStack service, over all functions together: so many calls at once on average, so many a
 * second, none for as long as the service has asked to be left alone, and fewer for a while after that. Functions know
 * nothing of one another, so it is booked in a table: the time that calls may take is counted on from call to call, one
 * write for all that wait at one moment.
 */
import { OpenStackError, type Service } from '../openstack/error.ts';
import type { Gate } from '../openstack/transport.ts';
import type { Booking, Learnt } from '../store/services.ts';

/** 0: any number. */
export interface ServiceLimit { atOnce: number; perSecond: number }

export interface Bookings {
  book(name: string, wanted: { lengthMs: number; now: number; latest: number; callMs: number | undefined }): Promise<Booking>;
  read(name: string): Promise<Learnt & { bookedUntil: number }>;
  slow(name: string, slowMs: number, now: number, onceInMs: number): Promise<void>;
  leaveAlone(name: string, until: number): Promise<void>;
}

export interface GateOptions {
  bookings: Bookings;
  limitOf(service: Service): ServiceLimit;
  /** Whether what services ask of the caller is meant for all: not where the token is a user's own. */
  speaksForAll: boolean;
  warn(message: string, told: object): void;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
  random?: () => number;
}

/** A function that sleeps is paid for: who would wait longer comes again. */
const patienceMs = 2_000;
/** Of a slow service the next call is awaited by all, and the one after it by the patient: who looks first, as steps do, would never come to a second call. */
const mostPatienceMs = 10_000;
/** Behind what is booked further than this, only a project that has asked little may book. */
const hastyMs = 700;
/** Of what a busy service can take, for each project that asks: whoever keeps to it goes before the others. */
const share = 0.1;
/** What is asked for within this time is booked in one write. */
const gatherMs = 3;
/** How long what was read of a service counts. */
const freshMs = 1_000;
/** A service that wants more than this is asked again all the same. */
const longestRestMs = 300_000;
/** Who is sent away comes back within this time, each at another moment; within a longer one where most are sent away. */
const spreadMs = 8_000;
const longestSpread = 5 * spreadMs;
/** A service that was asked too often is asked this much more slowly, once for each rest; half of that is forgotten in this time. */
const slower = { times: 1.5, leastMs: 20, mostMs: 1_000, halfLifeMs: 30_000 };
/** Whoever has not asked for so long looks first how fast it may. */
const staleMs = 10_000;
/** Before it is known how long a call takes. */
const guessedCallMs = 100;

type Request = Parameters<Gate['enter']>[0];
interface Waiting { request: Request; resolve(): void; reject(error: unknown): void }
interface Known { learnt: Learnt; observedMs: number | undefined; waiting: Map<string, Waiting[]>; restUntil: number; readAt: number; sentAway: number }

export function createGate(options: GateOptions): Gate {
  const { bookings, limitOf, speaksForAll, warn, now = Date.now, sleep = pause, random = Math.random } = options;
  const known = new Map<Service, Known>();
  const of = (service: Service): Known => {
    const found = known.get(service) ?? { learnt: {}, observedMs: undefined, waiting: new Map(), restUntil: 0, readAt: -Infinity, sentAway: 0 };
    known.set(service, found);
    return found;
  };

  /** A table that does not answer keeps nobody from the cloud. */
  async function orElse<T>(asking: Promise<T>, otherwise: T): Promise<T> {
    return asking.catch((error: unknown) => {
      warn('What may be asked of OpenStack could not be looked up', { cause: error });
      return otherwise;
    });
  }

  /** Without a limit it is enough to know whether the service wants to be left alone. */
  async function untilRested(request: Request): Promise<void> {
    const at = of(request.service);
    await look(request.service, freshMs);
    const leftMs = at.restUntil - now();
    if (leftMs > patienceMs) throw paced(request, leftMs + random() * spreadMs);
    if (leftMs > 0) await sleep(leftMs);
  }

  async function look(service: Service, olderThanMs: number): Promise<void> {
    const at = of(service);
    if (now() - at.readAt < olderThanMs) return;
    at.readAt = now();
    const { bookedUntil, ...learnt } = await orElse(bookings.read(service), { ...at.learnt, bookedUntil: 0 });
    at.learnt = learnt;
    at.restUntil = bookedUntil;
  }

  /** All that one purpose asks for at one moment is booked together: it begins, and dies, with the same run of a function. */
  function booked(request: Request): Promise<void> {
    const { waiting } = of(request.service);
    const key = request.headers['x-openstack-request-id'] ?? '';
    return new Promise((resolve, reject) => {
      const one = { request, resolve, reject };
      const others = waiting.get(key);
      if (others) return void others.push(one);
      const all = [one];
      waiting.set(key, all);
      sleep(gatherMs).then(() => {
        waiting.delete(key);
        return book(request, all);
      }).catch((error: unknown) => { for (const each of all) each.reject(error); });
    });
  }

  async function book(request: Request, all: readonly Waiting[]): Promise<void> {
    const { service } = request;
    const at = of(service);
    await look(service, staleMs);
    const eachMs = spacing(limitOf(service), at.learnt, now());
    const lengthMs = Math.ceil(all.length * eachMs);
    const inHasteMs = Math.min(Math.max(hastyMs, eachMs), mostPatienceMs);
    const patientMs = Math.min(Math.max(patienceMs, 2 * eachMs), mostPatienceMs);
    const asked = (latestMs: number): Promise<Booking> => orElse(
      bookings.book(service, { lengthMs, now: now(), latest: now() + latestMs, callMs: mix(at.learnt.callMs, at.observedMs) }), { ...at.learnt, from: now() });
    let booking = await asked(inHasteMs);
    if ('busyUntil' in booking && booking.busyUntil - now() <= patientMs && await hasShareLeft(request, lengthMs)) booking = await asked(patientMs);
    const { callMs, slowMs, slowedAt } = booking;
    at.learnt = { ...at.learnt, ...(callMs !== undefined && { callMs }), ...(slowMs !== undefined && { slowMs, slowedAt: slowedAt! }) };
    at.readAt = now();
    // The part of those of late, near enough.
    at.sentAway += (Number('busyUntil' in booking) - at.sentAway) / 20;
    if ('busyUntil' in booking) {
      const restMs = Math.max(0, booking.busyUntil - now());
      const withinMs = Math.min(spreadMs / (1 - at.sentAway), longestSpread);
      for (const { request: each, reject } of all) reject(paced(each, restMs + random() * withinMs));
      return;
    }
    // Written with the booking; what was not written is kept.
    at.observedMs = undefined;
    const from = booking.from;
    await Promise.all(all.map(async ({ request: each, resolve, reject }, index) => {
      const leftMs = from + index * eachMs - now();
      if (leftMs > 0) await sleep(leftMs);
      // What this function was told meanwhile counts for what it had booked before.
      const restMs = at.restUntil - now();
      if (restMs > 0 && at.restUntil > from + lengthMs) reject(paced(each, restMs + random() * spreadMs));
      else resolve();
    }));
  }

  /** Each project has a little of a busy service for itself, whatever the others ask. */
  async function hasShareLeft({ service, projectId }: Request, lengthMs: number): Promise<boolean> {
    if (projectId === undefined) return false;
    const ownMs = Math.ceil(lengthMs / share);
    const own = await orElse(bookings.book(`${service}#${projectId}`, { lengthMs: ownMs, now: now(), latest: now() + patienceMs, callMs: undefined }), undefined);
    return own === undefined || 'from' in own;
  }

  return {
    enter: (request) => {
      const { atOnce, perSecond } = limitOf(request.service);
      return atOnce > 0 || perSecond > 0 ? booked(request) : untilRested(request);
    },
    async left({ service }, { ms, status, retryAfterMs }) {
      const at = of(service);
      at.observedMs = mix(at.observedMs, ms);
      const asksForRest = (status === 429 || status === 503) && retryAfterMs !== undefined && retryAfterMs > 0;
      if (!speaksForAll || !asksForRest) return;
      const until = now() + Math.min(retryAfterMs, longestRestMs);
      const slowMs = Math.min(Math.max(slower.leastMs, slower.times * spacing(limitOf(service), at.learnt, now())), slower.mostMs);
      at.restUntil = Math.max(at.restUntil, until);
      warn('A service of OpenStack asks to be left alone', { service, status, retryAfterMs });
      const slowing = status === 429 ? bookings.slow(service, Math.round(slowMs), now(), until - now() + patienceMs) : undefined;
      await orElse(Promise.all([bookings.leaveAlone(service, until), slowing]).then(() => undefined), undefined);
      // What came of it, this function reads like all others.
      at.readAt = -Infinity;
    },
  };
}

/** Milliseconds from one call to the next. As many are under way as fit into the time that one takes. */
function spacing({ atOnce, perSecond }: ServiceLimit, { callMs = guessedCallMs, slowMs = 0, slowedAt = 0 }: Learnt, now: number): number {
  const learnt = slowMs * 0.5 ** (Math.max(0, now - slowedAt) / slower.halfLifeMs);
  return Math.max(perSecond > 0 ? 1_000 / perSecond : 0, atOnce > 0 ? callMs / atOnce : 0, learnt < 1 ? 0 : learnt);
}

/** What was known, moved towards what was seen. */
function mix(before: number | undefined, seen: number | undefined): number | undefined {
  if (before === undefined || seen === undefined) return before ?? seen;
  return Math.round((before * 4 + seen) / 5);
}

function paced({ service, method, path }: Request, retryAfterMs: number): OpenStackError {
  const message = `${service} is asked as much as it may be; this waits its turn`;
  return new OpenStackError({ service, method, path: path.text, status: 429, type: 'Paced', message, retryAfterMs: Math.ceil(retryAfterMs) });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
