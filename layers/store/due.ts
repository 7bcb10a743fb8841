/** The sparse index of due work: only rows that still have something to do carry its two attributes. */
import { createHash } from 'node:crypto';

/** Spreads due work over this many partitions, so that no key gets hot. */
export const shards = 16;

export interface Due { dueShard?: number | undefined; dueAt?: number | undefined }

export const shardOf = (operationId: string): number => createHash('sha256').update(operationId).digest()[0]! % shards;
export const due = (operationId: string, dueAt: number): { dueShard: number; dueAt: number } => ({ dueShard: shardOf(operationId), dueAt });
export const notDue: { dueShard: undefined; dueAt: undefined } = { dueShard: undefined, dueAt: undefined };

/** How the two attributes are declared; see tables.yml for the index itself. */
export const dueAttributes = {
  dueShard: { type: Number, index: { type: 'global', name: 'due', rangeKey: 'dueAt' } },
  dueAt: Number,
} as const;
