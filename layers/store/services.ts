/**
 * Until when each OpenStack service is booked, one row for each: whoever asks it books a moment first, and who was told to leave
 * it alone books it for all. Below it, one row for each project that asks a busy service, until when its own share is booked.
 */
import { absent, Table, where } from './table.ts';

interface ServiceRow {
  service: string;
  /** Epoch milliseconds. */
  bookedUntil: number;
  /** How long a call took lately, in milliseconds. */
  callMs?: number;
  /** How far apart calls were to be, in milliseconds, when the service last said that there were too many; and when it did. */
  slowMs?: number;
  slowedAt?: number;
  /** Epoch seconds. */
  expiresAt: number;
}

const services = new Table<ServiceRow>('services', { service: { type: String, hashKey: true }, bookedUntil: Number });

/** Rows of services and projects that nobody asks for go by themselves. */
const keepSeconds = 3_600;
const expiresAt = (until: number): number => Math.ceil(until / 1_000) + keepSeconds;

/** What is known of a service, whoever found it out. */
export type Learnt = Pick<ServiceRow, 'callMs' | 'slowMs' | 'slowedAt'>;
/** From when on it is booked; or, when that would be too late, until when others have it. */
export type Booking = Learnt & ({ from: number } | { busyUntil: number });

/** Books `lengthMs` of what `name` can take, from `now` on or behind what is booked, no later than `latest`. */
export async function bookService(name: string, { lengthMs, now, latest, callMs }: { lengthMs: number; now: number; latest: number; callMs: number | undefined }): Promise<Booking> {
  const change = { expiresAt: expiresAt(latest + lengthMs), ...(callMs !== undefined && { callMs }) };
  // Twice, since another one may have booked between the two writes.
  for (let attempt = 0; attempt < 2; attempt++) {
    const free = await services.update({ service: name }, { ...change, bookedUntil: now + lengthMs }, absent('bookedUntil').or().where('bookedUntil').le(now));
    if (free) return { ...learntOf(free), from: now };
    const behind = await services.update({ service: name }, change, where('bookedUntil').gt(now).and().where('bookedUntil').le(latest), { bookedUntil: lengthMs });
    if (behind) return { ...learntOf(behind), from: behind.bookedUntil - lengthMs };
    const row = await services.get({ service: name });
    if (row && row.bookedUntil > latest) return { ...learntOf(row), busyUntil: row.bookedUntil };
  }
  return { busyUntil: latest };
}

/** Until when a service is booked (0: it is free), and what is known of it. */
export async function readService(name: string): Promise<Learnt & { bookedUntil: number }> {
  const row = await services.get({ service: name });
  return row ? { ...learntOf(row), bookedUntil: row.bookedUntil } : { bookedUntil: 0 };
}

/** Nobody asks it before then. */
export async function leaveServiceAlone(name: string, until: number): Promise<void> {
  await services.update({ service: name }, { bookedUntil: until, expiresAt: expiresAt(until) }, absent('bookedUntil').or().where('bookedUntil').lt(until));
}

/** From now on calls are this far apart; what many are told at the same moment counts once. */
export async function slowService(name: string, slowMs: number, now: number, onceInMs: number): Promise<void> {
  await services.update({ service: name }, { slowMs, slowedAt: now, expiresAt: expiresAt(now) }, absent('slowedAt').or().where('slowedAt').lt(now - onceInMs));
}

const learntOf = ({ callMs, slowMs, slowedAt }: ServiceRow): Learnt => ({
  ...(callMs !== undefined && { callMs }), ...(slowMs !== undefined && { slowMs }), ...(slowedAt !== undefined && { slowedAt }),
});
