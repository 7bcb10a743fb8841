/** Schedules, for clouds whose time runs faster: `rate(1 minute)` divided by a factor. */
const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)` in milliseconds. Throws on anything else. */
export function periodMs(rate: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (\w+?)s?\)$/.exec(rate) ?? [];
  if (!unitMs[unit]) throw new Error(`Only rates are scheduled here, not ${rate}`);
  return Number(count) * unitMs[unit];
}

/** Runs `work` every so often until `stopped`; never twice at a time. */
export async function repeat(everyMs: number, work: () => Promise<unknown>, stopped: AbortSignal, warn: (text: string) => void): Promise<void> {
  while (!stopped.aborted) {
    await new Promise<void>((resume) => {
      const timer = setTimeout(resume, everyMs);
      stopped.addEventListener('abort', () => { clearTimeout(timer); resume(); }, { once: true });
    });
    if (stopped.aborted) return;
    await work().catch((error: Error) => warn(error.message));
  }
}
