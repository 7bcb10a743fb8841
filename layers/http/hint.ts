/** Tells the engine that an operation has begun; when that is lost, the sweeper finds it. */
import { logger } from '../platform/logger.ts';
import { queue } from '../platform/queue.ts';

export async function hint(operationId: string, projectId: string | undefined): Promise<void> {
  try {
    await queue.send({ operationId, ...(projectId !== undefined && { projectId }) });
  } catch (error) {
    const told = { operationId, cause: error as Error };
    logger.warn('A hint could not be sent; the sweeper will find the operation', told);
  }
}
