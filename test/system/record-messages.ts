/** Loaded into the functions' process before anything else: whatever is sent to a queue goes into a file as well. */
import { appendFileSync } from 'node:fs';
import { ClientRequest } from 'node:http';

const file = process.env.RECORD_MESSAGES!;

// Calls to queues carry their action in a header, and all of their body in one write or in the end.
for (const name of ['write', 'end'] as const) {
  const original = ClientRequest.prototype[name] as (this: ClientRequest, ...args: unknown[]) => never;
  ClientRequest.prototype[name] = function record(this: ClientRequest, ...args: unknown[]) {
    const [chunk] = args;
    const isText = typeof chunk === 'string' || chunk instanceof Uint8Array;
    if (isText && String(this.getHeader('x-amz-target')).startsWith('AmazonSQS.SendMessage')) appendFileSync(file, `${Buffer.from(chunk as string).toString()}\n`);
    return original.apply(this, args);
  };
}
