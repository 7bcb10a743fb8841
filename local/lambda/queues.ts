/** SQS's stand-in: fauxqs in memory. A restart loses what was in it, which the engine must bear anyway. */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildApp } from 'fauxqs';

type Permit = (request: IncomingMessage, operation: string, body: Record<string, unknown>) => void;

export async function startQueues(permit: Permit): Promise<{ endpoint: string; close(): Promise<void> }> {
  const app = buildApp({ logger: false });
  app.addHook('preHandler', (request, reply, done) => {
    const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    try {
      permit(request.raw, operation, (request.body ?? {}) as Record<string, unknown>);
      done();
    } catch (error) {
      const { body } = error as { body: object };
      void reply.code(403).header('content-type', 'application/x-amz-json-1.0').send(JSON.stringify(body));
    }
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    endpoint: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    close: () => app.close(),
  };
}
