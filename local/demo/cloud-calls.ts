/** Moorage's own calls to the cloud, by service and verb, counted from the metrics that its functions write with their logs. */

/** Service → verb → calls. */
export type CloudCalls = Record<string, Record<string, number>>;

export class CloudCallCounter {
  #calls: CloudCalls = {};

  /** Takes any line that the functions write; what is no count of calls is passed over. */
  read(line: string): void {
    if (!line.includes('"CloudCalls"')) return;
    let metric: { api?: string; service?: string; method?: string; CloudCalls?: number | number[] };
    try {
      metric = JSON.parse(line) as typeof metric;
    } catch {
      return;
    }
    const { api = metric.service, method, CloudCalls: counted } = metric;
    if (!api || !method || counted === undefined) return;
    const verbs = (this.#calls[api] ??= {});
    verbs[method] = (verbs[method] ?? 0) + [counted].flat().reduce((sum, one) => sum + one, 0);
  }

  /** Since the last time it was asked. */
  take(): CloudCalls {
    const calls = this.#calls;
    this.#calls = {};
    return calls;
  }
}

/** As lines: a service each. */
export function cloudCallLines(calls: CloudCalls): string[] {
  const total = Object.values(calls).flatMap((verbs) => Object.values(verbs)).reduce((sum, count) => sum + count, 0);
  return [
    `cloud_calls   ${total}`,
    ...Object.entries(calls).toSorted(([a], [b]) => a.localeCompare(b))
      .map(([service, verbs]) => `  ${service.padEnd(14)} ${Object.entries(verbs).map(([verb, count]) => `${verb} ${count}`).join(', ')}`),
  ];
}
