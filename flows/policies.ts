/** How long and how often steps are tried: named by what they wait for. */
import type { Policy } from '../layers/engine/flow.ts';

const minute = 60_000;

/** One or a few calls that are answered at once. */
export const call: Policy = { timeoutMs: 20 * minute, attempts: 30, backoffMs: 1_000, weight: 1 };
/** A part of a load balancer: Octavia takes some seconds for each. */
export const part: Policy = { timeoutMs: 20 * minute, attempts: 30, backoffMs: 1_000, weight: 10 };
/** Something that the cloud builds: a load balancer, servers, volumes. */
export const build: Policy = { timeoutMs: 30 * minute, attempts: 30, backoffMs: 2_000, weight: 30 };
/** Something that machines do after they have booted. */
export const boot: Policy = { timeoutMs: 30 * minute, attempts: 30, backoffMs: 2_000, weight: 40 };
/** Operations of their own, each with limits of its own. */
export const whole: Policy = { timeoutMs: 60 * minute, attempts: 30, backoffMs: 2_000, weight: 40 };
/** Operations one after another: how many there are bounds it, by the deadline of the whole. */
export const rounds: Policy = { timeoutMs: 24 * 60 * minute, attempts: 30, backoffMs: 2_000, weight: 300 };
/** Taking things away: what is in use, or has just been let go, is refused for a while. */
export const removal: Policy = { timeoutMs: 30 * minute, attempts: 40, backoffMs: 1_000, weight: 10 };
