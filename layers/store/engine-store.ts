/** The engine's store port, over the tables. */
import type { Store } from '../engine/ports.ts';
import { claim } from './claim.ts';
import { end } from './end.ts';
import { hold } from './hold.ts';
import { layOut } from './lay-out.ts';
import { listOverdue } from './list-overdue.ts';
import { makeReady } from './make-ready.ts';
import { getOperation } from './operations.ts';
import { settle } from './settle.ts';
import { listRecords } from './steps.ts';
import { turn } from './turn.ts';

export const engineStore: Store = { getOperation, listRecords, layOut, makeReady, claim, settle, hold, end, turn, listOverdue };
