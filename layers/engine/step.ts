/** What a step is: one thing that can be made to exist, and made not to exist. */

/** The thing exists; `output` is what later steps may need of it. */
export interface Done<Output> { kind: 'done'; output: Output }
/**
 * The thing is on its way; `reason` is shown to the user. `afterMs` overrides the pace of looking again. `stage`: this is the
 * beginning of a wait of its own, where a step has several one after another; without, the last one goes on.
 */
export interface Wait { kind: 'wait'; reason: string; afterMs?: number; stage?: string }
export type Outcome<Output> = Done<Output> | Wait;

export const done = <Output>(output: Output): Done<Output> => ({ kind: 'done', output });
export const wait = (reason: string): Wait => ({ kind: 'wait', reason });
/**
 * As `wait`, where what is waited for has just been begun and is one of several that the step makes one after another. It may be looked
 * at before a second has passed: only for what cannot be made twice, whatever a list that lags behind does not show yet.
 */
export const waitFor = (stage: string, reason: string): Wait => ({ kind: 'wait', reason, stage });
/** As `wait`, where the end of what is waited for wakes the step: looking is only for the case that nobody does. */
export const waitToBeWoken = (reason: string): Wait => ({ kind: 'wait', reason, afterMs: 30_000 });
/** There is more of the same work to do, at once: keeps one run of a step well within its function's timeout. */
export const more = (reason: string): Wait => ({ kind: 'wait', reason, afterMs: 0 });
export const gone: Done<undefined> = { kind: 'done', output: undefined };

/**
 * One lifecycle step. `run` and `undo` may be called any number of times, by anyone, after any crash: they look first.
 * `undo` gets no outputs: it finds things by name, because the crash to clean up after is the one that lost the id.
 */
export interface Step<Name extends string, Needs, Output, Context> {
  readonly name: Name;
  /** What the user reads while it runs, as a noun phrase: "Load balancer of the Kubernetes API". */
  readonly title: string;
  run(context: Context, needs: Needs): Promise<Outcome<Output>>;
  undo(context: Context): Promise<Outcome<unknown>>;
}

/** Fixes the context of an application's steps; types of needs and output are inferred from `run`. */
export const stepsOf = <Context>() =>
  <const Name extends string, Needs, Output>(step: Step<Name, Needs, Output, Context>): Step<Name, Needs, Output, Context> =>
    step;
