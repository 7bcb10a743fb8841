/** Loaded into the functions' process before anything else: every call to a table goes into a file, one word each. */
import { appendFileSync } from 'node:fs';
import { ClientRequest } from 'node:http';

const file = process.env.COUNT_READS!;
const original = ClientRequest.prototype.end as (this: ClientRequest, ...args: unknown[]) => never;

ClientRequest.prototype.end = function record(this: ClientRequest, ...args: unknown[]) {
  const [service, operation] = String(this.getHeader('x-amz-target') ?? '').split('.');
  if (service?.startsWith('DynamoDB')) appendFileSync(file, `${String(this.getHeader('x-local-function'))} ${operation}\n`);
  return original.apply(this, args);
};
