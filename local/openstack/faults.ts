/** Faults on demand: what the next calls meet, by rule or by name. */

/** Strikes calls it matches; each field that is absent matches everything. */
export interface Fault {
  service?: string;
  method?: string;
  /** Regular expression over the path below the service's endpoint. */
  pathPattern?: string;
  /** How many calls it strikes; without it, all. */
  times?: number;
  /** Share of matching calls that it strikes, 0 to 1. */
  probability?: number;
  /** Answered instead of doing anything. */
  status?: number;
  /** Seconds, sent as Retry-After with the status. */
  retryAfter?: number;
  /** Real milliseconds before anything is done. */
  delayMs?: number;
  /** The call takes effect, its answer is lost: the connection is cut. */
  dropReply?: boolean;
  /** The connection is cut at once; the call takes effect these real milliseconds later. */
  landLateMs?: number;
}

/** What lies in wait for one thing of this kind: it fails asynchronously. */
export type Breakage = 'server-error' | 'load-balancer-error' | 'volume-error';
const BREAKAGES: readonly string[] = ['server-error', 'load-balancer-error', 'volume-error'];

/** How long a service that is asked too often wants to be left alone, in the cloud's own time. */
const restSeconds = 3;

export class Faults {
  readonly #scale: number;
  readonly #random: () => number;
  readonly #now: () => number;
  #rules: (Fault & { endsAt?: number })[] = [];
  #breakages: Breakage[] = [];
  #quotas = new Map<string, number>();
  #slowness = 1;
  /** Of services that take so many calls a second: what is left of two seconds' worth. */
  readonly #rates = new Map<string, { perSecond: number; left: number; at: number }>();

  constructor(scale: number, random: () => number, now = () => Date.now()) {
    this.#now = now;
    this.#scale = scale;
    this.#random = random;
  }

  /**
   * Adds a rule, or a named fault: `server-error`, `load-balancer-error`, `volume-error`, `nova-down:<seconds>` (any
   * service; seconds of the cloud's own time), `quota:<service>.<resource>=<n>`, `lost-replies:<probability>`,
   * `slow:<factor>`. Throws with the list of names when it knows none such.
   */
  add(fault: Fault | string): void {
    if (typeof fault === 'string') this.#addNamed(fault);
    else this.#rules.push({ ...fault });
  }

  clear(): void {
    this.#rules = [];
    this.#breakages = [];
    this.#quotas.clear();
    this.#slowness = 1;
    this.#rates.clear();
  }

  /** Everything that is set, for people. */
  list(): unknown {
    const quotas = Object.fromEntries(this.#quotas);
    const rates = Object.fromEntries([...this.#rates].map(([service, { perSecond }]) => [service, perSecond]));
    return { rules: this.#rules, breakages: this.#breakages, quotas, slowness: this.#slowness, rates };
  }

  /** The first rule that strikes this call, used up by one. */
  strike(service: string, method: string, path: string): Fault | undefined {
    const now = this.#now();
    if (this.#isAskedTooOften(service, now)) return { status: 429, retryAfter: Math.max(1, Math.ceil(restSeconds / this.#scale)) };
    this.#rules = this.#rules.filter((rule) => (rule.endsAt ?? Infinity) > now && (rule.times ?? 1) > 0);
    const struck = this.#rules.find((rule) =>
      (rule.service ?? service) === service
      && (rule.method ?? method).toUpperCase() === method
      && new RegExp(rule.pathPattern ?? '').test(path)
      && (rule.probability === undefined || this.#random() < rule.probability));
    if (struck?.times !== undefined) struck.times -= 1;
    return struck;
  }

  /** True once for each time the breakage was asked for. */
  breaks(breakage: Breakage): boolean {
    const index = this.#breakages.indexOf(breakage);
    if (index >= 0) this.#breakages.splice(index, 1);
    return index >= 0;
  }

  /** The limit forced on every project, if any. */
  quota(service: string, resource: string): number | undefined {
    return this.#quotas.get(`${service}.${resource}`);
  }

  /** What everything's duration is multiplied by. */
  slowness(): number {
    return this.#slowness;
  }

  #addNamed(text: string): void {
    const [name = '', value = ''] = text.split(/:(.*)/s);
    const down = /^(keystone|nova|neutron|cinder|octavia|glance)-down$/.exec(name);
    const quota = /^(\w+\.\w+)=(-?\d+)$/.exec(value);
    const rate = /^(\w+)=(\d+)$/.exec(value);
    if (BREAKAGES.includes(name)) this.#breakages.push(name as Breakage);
    else if (down && Number(value) > 0) this.#takeDown(down[1] ?? '', Number(value));
    else if (name === 'quota' && quota) this.#quotas.set(quota[1] ?? '', Number(quota[2]));
    else if (name === 'rate' && Number(rate?.[2]) > 0) this.#rates.set(rate![1]!, { perSecond: Number(rate![2]), left: 2 * Number(rate![2]), at: this.#now() });
    else if (name === 'lost-replies' && Number(value) >= 0) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        this.#rules.push({ method, probability: Number(value), dropReply: true });
      }
    } else if (name === 'slow' && Number(value) > 0) this.#slowness = Number(value);
    else {
      throw new Error(`no fault "${text}"; there are ${BREAKAGES.join(', ')}, <service>-down:<seconds>, `
        + 'quota:<service>.<resource>=<n>, rate:<service>=<calls a second>, lost-replies:<probability>, slow:<factor>');
    }
  }

  #isAskedTooOften(service: string, now: number): boolean {
    const rate = this.#rates.get(service);
    if (!rate) return false;
    const perMs = (rate.perSecond * this.#scale) / 1_000;
    rate.left = Math.min(2 * rate.perSecond, rate.left + (now - rate.at) * perMs);
    rate.at = now;
    if (rate.left < 1) return true;
    rate.left -= 1;
    return false;
  }

  #takeDown(service: string, seconds: number): void {
    const endsAt = this.#now() + (seconds * 1000) / this.#scale;
    this.#rules.push({ service, status: 503, retryAfter: Math.max(1, Math.ceil(seconds / this.#scale)), endsAt });
  }
}
