/** Roles, enforced: a function may do here what its statements allow, as in AWS, so a missing grant fails a test. */
import type { IncomingMessage } from 'node:http';
import { callerHeader } from './identity.ts';
import { arnOfQueue, arnOfTable } from './template.ts';

export interface Statement { Effect: string; Action: string | string[]; Resource: unknown }
interface Use { action: string; resource: string }
type Body = Record<string, unknown>;

/** Throws AccessDeniedException for what the calling function's statements do not allow. Others than functions may all. */
export function permits(statementsOf: Map<string, Statement[]>): (request: IncomingMessage, operation: string, body: Body) => void {
  return (request, operation, body) => {
    const caller = request.headers[callerHeader];
    if (typeof caller !== 'string') return;
    const statements = statementsOf.get(caller) ?? [];
    const denied = usesOf(operation, body).find((use) => !statements.some((statement) => allows(statement, use)));
    if (!denied) return;
    const message = `The role of ${caller} does not allow ${denied.action} on ${denied.resource}`;
    throw Object.assign(new Error(message), { statusCode: 400, body: { __type: 'com.amazon.coral.service#AccessDeniedException', Message: message } });
  };
}

function allows({ Effect, Action, Resource }: Statement, { action, resource }: Use): boolean {
  return Effect === 'Allow' && [Action].flat().includes(action) && [Resource].flat().includes(resource);
}

/** What an operation needs to be allowed. */
function usesOf(operation: string, body: Body): Use[] {
  const table = (action: string, name: unknown, index?: unknown): Use =>
    ({ action: `dynamodb:${action}`, resource: `${arnOfTable(String(name))}${typeof index === 'string' ? `/index/${index}` : ''}` });
  if (body.QueueUrl) return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: arnOfQueue(String(body.QueueUrl).split('/').at(-1)!) }];
  if (operation === 'TransactWriteItems') {
    const actions: Record<string, string> = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem' };
    return (body.TransactItems as Record<string, Body>[]).flatMap((item) => Object.entries(item)
      .map(([kind, { TableName }]) => table(actions[kind] ?? kind, TableName)));
  }
  if (body.RequestItems) return Object.keys(body.RequestItems).map((name) => table(operation, name));
  return body.TableName ? [table(operation, body.TableName, body.IndexName)] : [];
}
