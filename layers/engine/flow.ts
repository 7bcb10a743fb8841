import type { Step } from './step.ts';

/** How long and how often a step is tried. Milliseconds. */
export interface Policy {
  /** From ready to done, waits included; then the operation is held. */
  timeoutMs: number;
  /** Errors before the operation is held. */
  attempts: number;
  /** First pause after an error; doubled each time, with jitter. */
  backoffMs: number;
  /** Its share of the progress bar: roughly the seconds it takes. */
  weight: number;
}

export type Phase = 'run' | 'undo';
// A flow holds steps of every shape; `at` checks each against its needs before the shape is forgotten.
// eslint-disable-next-line typescript/no-explicit-any
export type AnyStep = Step<string, any, any, any>;
export interface Node { key: string; step: AnyStep; title: string; phase: Phase; needs: readonly string[]; policy: Policy }
export interface Flow { name: string; title: string; nodes: readonly Node[]; given: readonly string[] }

type NeedsOf<S> = S extends Step<string, infer Needs, infer _O, infer _C> ? Needs : never;
type Outputs<N extends readonly AnyStep[]> = {
  [S in N[number] as S extends Step<infer Name, infer _N, infer _O, infer _C> ? Name : never]:
    S extends Step<string, infer _N, infer Output, infer _C> ? Output : never;
};
type Check<S, N extends readonly AnyStep[]> = Outputs<N> extends NeedsOf<S>
  ? unknown
  : { 'this step still needs': Exclude<keyof NeedsOf<S>, keyof Outputs<N>> };

/** A step in a flow, after the steps it needs. A forgotten need does not compile. */
export function at<S extends AnyStep, const N extends readonly AnyStep[]>(step: S, needs: N & Check<S, N>, policy: Policy): Node {
  return { key: step.name, step, title: step.title, phase: 'run', needs: (needs as N).map((need) => need.name), policy };
}

const undoKey = (name: string): string => `${name}:undo`;

/** A step undone, after `needs`. */
export function undoing(step: AnyStep, needs: readonly Node[], policy: Policy): Node {
  return { key: undoKey(step.name), step, title: step.title, phase: 'undo', needs: needs.map(({ key }) => key), policy };
}

/** Nodes that undo what `nodes` made, in the opposite order: each after everything that was built on it, all after `first`. */
export function undo(nodes: readonly Node[], first: readonly Node[], policy: Policy): Node[] {
  const made = nodes.filter((node) => node.phase === 'run');
  return made.toReversed().map(({ key, step, title }) => ({
    key: undoKey(key), step, title, phase: 'undo', policy,
    needs: [...first.map((node) => node.key), ...made.filter((node) => node.needs.includes(key)).map((node) => undoKey(node.key))],
  }));
}

/** The same node, after more nodes than it has by itself. */
export const after = (node: Node, ...others: readonly Node[]): Node =>
  ({ ...node, needs: [...new Set([...node.needs, ...others.map((other) => other.key)])] });

/** The same step as one of several in a flow: its record's key is the step's name with `as`, and it is told as `title`. */
export const named = (node: Node, as: string, title: string): Node => ({ ...node, key: `${node.step.name}:${as}`, title });

/**
 * A lifecycle as data, read top to bottom. A node may only need nodes above it (or outputs given by the cluster's own
 * create operation), so a cycle cannot be written.
 */
export function flow(name: string, title: string, nodes: readonly Node[], given: readonly AnyStep[] = []): Flow {
  const outside = new Set(given.map((step) => step.name));
  const above = new Set<string>();
  for (const node of nodes) {
    for (const need of node.needs) {
      if (!above.has(need) && !outside.has(need)) throw new Error(`${name}: ${node.key} needs ${need}, which is not listed above it`);
    }
    if (above.has(node.key)) throw new Error(`${name}: ${node.key} is listed twice`);
    above.add(node.key);
  }
  return { name, title, nodes, given: [...outside] };
}
