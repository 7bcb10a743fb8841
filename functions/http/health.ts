/** Whether requests reach functions and are answered; asks nobody else, so that anyone may ask it often. */
import { open } from '../../layers/http/open.ts';
import type { Liveness } from '../../schemas/generated/types.ts';

export const handler = open(async (): Promise<Liveness> => ({ status: 'ok' }));
