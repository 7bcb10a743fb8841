/** Why an operation is held: a stable code, what the other side said, and what to do about it. */
export interface Failure { code: string; cause: string; action: string; step?: string }

/** Stops a step at once: trying again by itself would not help. The operation is held with this failure. */
export class TerminalError extends Error {
  override name = 'TerminalError';
  readonly code: string;
  readonly action: string;
  constructor(code: string, cause: string, action: string) {
    super(cause);
    this.code = code;
    this.action = action;
  }
}

/** How an error is to be met: for good, or again later (not before `retryAfterMs` where the other side said so). */
export interface Verdict {
  failure: Failure;
  terminal: boolean;
  retryAfterMs?: number;
  /** How many of the step's attempts this one costs; one where it is not said. */
  cost?: number;
  /** For so long, what the run asked for and got no answer about may still come to be. */
  mayLandMs?: number;
}

/** The cloud made it, but broken; it has been taken away, and the next run makes it anew. A few of these are enough. */
export class Setback extends Error {
  override name = 'Setback';
}
