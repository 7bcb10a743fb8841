/** What a cloud that cannot be asked for it made callers wait for, as it was seen from outside: between two looks at it. */

export type Awaited = 'server' | 'load balancer' | 'listener';

export interface CloudWait {
  resource: Awaited;
  id: string;
  name: string;
  /** Epoch milliseconds. */
  startedAt: number;
  /** Absent while it lasts. */
  endedAt: number | undefined;
}

/** Kept only as long as the process lives. */
export class CloudWaits {
  readonly #waits: CloudWait[] = [];

  /** All of one kind as they are now: what is pending waits, what is not (or is gone) does not any more. */
  see(resource: Awaited, things: readonly { id: string; name: string; isPending: boolean }[], now: number): void {
    const pending = new Map(things.filter(({ isPending }) => isPending).map((thing) => [thing.id, thing]));
    for (const wait of this.#waits) {
      if (wait.resource !== resource || wait.endedAt !== undefined) continue;
      if (!pending.delete(wait.id)) wait.endedAt = now;
    }
    for (const { id, name } of pending.values()) this.#waits.push({ resource, id, name, startedAt: now, endedAt: undefined });
  }

  /** One that the cloud itself tells of, when it is over. The first that is told of a thing counts. */
  tell(resource: Awaited, { id, name }: { id: string; name: string }, startedAt: number, endedAt: number): void {
    if (!this.#waits.some((wait) => wait.resource === resource && wait.id === id)) this.#waits.push({ resource, id, name, startedAt, endedAt });
  }

  list(): CloudWait[] {
    return this.#waits.map((wait) => ({ ...wait }));
  }
}
