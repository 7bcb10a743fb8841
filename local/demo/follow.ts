/** Follows operations over the API until they end, showing how far they are. */
import type { Operation } from '../../schemas/generated/types.ts';
import { ApiError, type Api } from './api.ts';
import { openProgress } from './progress.ts';

const lookEveryMs = 250;
/** What takes long to tell is asked the more rarely. */
const restFor = 4;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Summary { id: string; flow: string; status: string }

/** The newest operation of that flow. */
export async function newestOperation(api: Api, clusterId: string, flow: string): Promise<string> {
  const { operations } = await api.call<{ operations: Summary[] }>('GET', `/v2/clusters/${clusterId}/operations`);
  const found = operations.find((operation) => operation.flow === flow);
  if (!found) throw new Error(`The cluster has no operation "${flow}".`);
  return found.id;
}

/** Resolves with the operation once it has succeeded, and says how long it took; throws with its cause when it is held. */
export async function follow(api: Api, clusterId: string, operationId: string, headline: string): Promise<Operation> {
  const progress = openProgress();
  const started = Date.now();
  for (;;) {
    const askedAt = Date.now();
    const operation = await read(api, clusterId, operationId);
    if (operation) {
      const steps = [...operation.steps, ...operation.parts.flatMap((part) => part.steps)];
      progress.show(headline, operation.percent, steps.map(({ title, does, status, waits_for }) => ({ title: does === 'remove' ? `remove: ${title}` : title, status, waits_for })));
      if (operation.status === 'succeeded') {
        progress.end(`  ${headline}: done after ${((Date.now() - started) / 1_000).toFixed(1)} s`);
        return operation;
      }
      if (operation.status === 'held') {
        progress.end(`  ${headline}: held`);
        throw new Error(`${operation.error?.code}: ${operation.error?.cause} ${operation.error?.action}`);
      }
    }
    await pause(Math.max(lookEveryMs, restFor * (Date.now() - askedAt)));
  }
}

/** A service that is down, or too busy, for a moment is asked again. */
async function read(api: Api, clusterId: string, operationId: string): Promise<Operation | undefined> {
  try {
    return await api.call<Operation>('GET', `/v2/clusters/${clusterId}/operations/${operationId}`);
  } catch (error) {
    if ((error instanceof ApiError && error.status >= 500) || (error as Error).name === 'TimeoutError') return undefined;
    throw error;
  }
}
