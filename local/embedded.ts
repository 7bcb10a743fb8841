/** Moorage with the embedded cloud: OpenStack, the machines in it, and the functions, with everything kept on disk. */
import type { Machines } from './machines/machines.ts';
import type { Cloud } from './openstack/cloud.ts';
import { startRunning, type Running, type RunningOptions } from './running.ts';

export type EmbeddedOptions = Omit<RunningOptions, 'on'>;

export interface Embedded extends Running { cloud: Cloud; machines: Machines }

/** As startRunning, on the stand-in. */
export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => await startRunning({ ...options, on: 'local' }) as Embedded;
