/** Checks of a run that takes minutes: each says at once how it went, all of them are counted in the last line. */

export interface Checks {
  /** Runs `look`; what it throws is why the check failed. Answers what it answers, undefined when it failed. */
  check<T>(name: string, look: () => Promise<T>): Promise<T | undefined>;
  /** `N passed, N failed`, and the exit code. */
  end(): void;
}

export function newChecks(): Checks {
  let [passed, failed] = [0, 0];
  return {
    async check(name, look) {
      const started = performance.now();
      const seconds = (): string => `${((performance.now() - started) / 1_000).toFixed(1)} s`;
      try {
        const answer = await look();
        passed += 1;
        console.log(`ok     ${name} (${seconds()})`);
        return answer;
      } catch (error) {
        failed += 1;
        console.log(`FAILED ${name} (${seconds()})\n       ${(error as Error).message.trim().replaceAll('\n', '\n       ')}`);
        return undefined;
      }
    },
    end() {
      process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
      console.log(`${passed} passed, ${failed} failed`);
    },
  };
}

/** Throws, saying both, unless what is there has everything that is wanted of it. */
export function expectPart(there: unknown, wanted: unknown, path = ''): void {
  if (wanted instanceof RegExp) {
    if (!wanted.test(String(there))) throw new Error(`${path || 'it'} is ${JSON.stringify(there)}, not ${wanted}`);
  } else if (typeof wanted === 'object' && wanted !== null) {
    if (typeof there !== 'object' || there === null) throw new Error(`${path || 'it'} is ${JSON.stringify(there)}`);
    for (const [key, value] of Object.entries(wanted)) expectPart((there as Record<string, unknown>)[key], value, `${path}.${key}`);
  } else if (there !== wanted) throw new Error(`${path || 'it'} is ${JSON.stringify(there)}, not ${JSON.stringify(wanted)}`);
}

/** Looks until there is an answer; gives up after `timeoutMs`, saying what was seen last. */
export async function until<T>(what: string, timeoutMs: number, look: () => Promise<{ done?: T; seen: string }>): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const { done, seen } = await look();
    if (done !== undefined) return done;
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs / 1_000} s for ${what}; last seen: ${seen}`);
    await new Promise((resume) => setTimeout(resume, 2_000));
  }
}
