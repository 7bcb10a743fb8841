/** The world that the bundle runs in, as its seams see it. */
import type { World } from '../world.ts';

declare const simulation: World;

export const world = (): World => simulation;
