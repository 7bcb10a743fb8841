/** Virtual queues, as the deployed ones behave: at least once, in no order, again after a failure, then to the dead letters. */
import type { Chance } from './chance.ts';
import type { Clock } from './clock.ts';

export interface PostTrouble { lost: number; doubled: number; late: number; mostLateMs: number }

/** `false`: it is returned to the queue. */
export type Deliver = (queue: string, body: string) => Promise<boolean>;

const mostReceives = 5;
const visibilityMs = (queue: string): number => (queue === 'advance' ? 180_000 : 360_000);

export class Queues {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #trouble: () => PostTrouble;
  readonly #deliver: Deliver;
  /** Everything that was ever sent: no secret may be in it. */
  readonly bodies: string[] = [];
  deadLetters = 0;

  constructor(clock: Clock, chance: Chance, trouble: () => PostTrouble, deliver: Deliver) {
    this.#clock = clock;
    this.#chance = chance;
    this.#trouble = trouble;
    this.#deliver = deliver;
  }

  async send(queue: string, body: string, delayMs: number): Promise<void> {
    this.bodies.push(body);
    const { lost, doubled, late, mostLateMs } = this.#trouble();
    if (this.#chance.strikes(lost)) return;
    const copies = this.#chance.strikes(doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      // No two messages keep their order.
      const onTheWay = this.#chance.between(5, 60) + (this.#chance.strikes(late) ? this.#chance.between(0, mostLateMs) : 0);
      this.#clock.after(delayMs + onTheWay, () => void this.#receive(queue, body, 1));
    }
  }

  async #receive(queue: string, body: string, times: number): Promise<void> {
    if (await this.#deliver(queue, body)) return;
    if (times >= mostReceives) this.deadLetters++;
    else this.#clock.after(visibilityMs(queue), () => void this.#receive(queue, body, times + 1));
  }
}
