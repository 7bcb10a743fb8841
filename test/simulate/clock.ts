/** Virtual time: it passes from one thing that is due to the next, and only when nothing else can happen. */
interface Timer { at: number; order: number; act: () => void; cancelled: boolean }

export class Clock {
  #now: number;
  #order = 0;
  /** A heap by time, then by the order in which they were set. */
  readonly #timers: Timer[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  /** Epoch milliseconds. */
  now(): number { return this.#now; }

  /** Does it that much later; answers what prevents it. */
  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, Number.isFinite(ms) ? ms : 0), order: this.#order++, act, cancelled: false };
    this.#push(timer);
    return () => { timer.cancelled = true; };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Lets time pass until `ended` says so, nothing is due any more, or it is later than `until`. */
  async run(ended: () => boolean, until: number): Promise<'ended' | 'idle' | 'late'> {
    for (;;) {
      // Everything that can go on without time passing goes on first.
      await new Promise((resolve) => setImmediate(resolve));
      if (ended()) return 'ended';
      const timer = this.#pop();
      if (!timer) return 'idle';
      if (timer.at > until) return 'late';
      this.#now = timer.at;
      timer.act();
    }
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    for (;;) {
      const first = this.#take();
      if (!first || !first.cancelled) return first;
    }
  }

  #take(): Timer | undefined {
    const heap = this.#timers;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
