/** The way to the cloud: requests that are refused, answers that are lost, creates that land late, lists that lag. */
import type { Answer, Ask, Desk } from '../../local/openstack/front.ts';
import type { Chance } from './chance.ts';
import type { Clock } from './clock.ts';

export interface WireTrouble {
  /** Probabilities, each for one request. */
  refused: number; throttled: number; lostReply: number; landsLate: number; staleList: number;
  mostLateMs: number;
  mostStaleMs: number;
}

export class Wire {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #trouble: () => WireTrouble;
  readonly #secrets: Set<string>;
  /** Answers to lists, as they were: a replica may still give them. */
  readonly #replica = new Map<string, { at: number; answer: Answer }>();
  desk: Desk = async () => undefined;
  calls = 0;
  /** Of them, those that the cloud itself found too many. */
  refusedForRate = 0;
  unexpected: string[] = [];

  constructor(clock: Clock, chance: Chance, trouble: () => WireTrouble, secrets: Set<string>) {
    this.#clock = clock;
    this.#chance = chance;
    this.#trouble = trouble;
    this.#secrets = secrets;
  }

  async ask(ask: Ask): Promise<Answer | undefined> {
    this.calls++;
    this.#keepSecrets(ask.text);
    const { refused, throttled, lostReply, landsLate, mostLateMs } = this.#trouble();
    if (this.#chance.strikes(refused)) return plain(503, {}, 'The server is currently unavailable. Please try again at a later time.');
    if (this.#chance.strikes(throttled)) return plain(429, { 'Retry-After': String(this.#chance.whole(1, 20)) }, 'This request was rate-limited.');
    if (ask.method === 'GET') return this.#told(await this.#look(ask));
    if (this.#chance.strikes(landsLate)) {
      this.#clock.after(this.#chance.between(1_000, mostLateMs), () => void this.desk(ask));
      await this.#clock.sleep(this.#chance.between(0, 60_000));
      return undefined;
    }
    const answer = this.#told(await this.desk(ask));
    if (answer) this.#keepSecrets(answer.text, answer.headers);
    if (answer && answer.status === 500) this.unexpected.push(`${ask.method} ${ask.url}: ${answer.text.slice(0, 200)}`);
    return this.#chance.strikes(lostReply) ? undefined : answer;
  }

  #told(answer: Answer | undefined): Answer | undefined {
    if (answer?.status === 429) this.refusedForRate++;
    return answer;
  }

  async #look(ask: Ask): Promise<Answer | undefined> {
    const { staleList, mostStaleMs } = this.#trouble();
    // The same address lists something else for each project.
    const key = `${ask.headers['x-auth-token']} ${ask.url}`;
    const known = this.#replica.get(key);
    if (known && this.#clock.now() - known.at < mostStaleMs && this.#chance.strikes(staleList)) return known.answer;
    const answer = await this.desk(ask);
    if (answer?.status === 200 && mostStaleMs > 0) this.#replica.set(key, { at: this.#clock.now(), answer });
    return answer;
  }

  /** What must be seen nowhere else: passwords, secrets of credentials, tokens. */
  #keepSecrets(text: string, headers: Record<string, string> = {}): void {
    for (const [, secret] of text.matchAll(/"(?:password|secret)": ?"([^"]{16,})"/g)) this.#secrets.add(secret!);
    const token = headers['X-Subject-Token'];
    if (token) this.#secrets.add(token);
  }
}

function plain(status: number, headers: Record<string, string>, message: string): Answer {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, text: JSON.stringify({ error: { code: status, title: 'Error', message } }) };
}
