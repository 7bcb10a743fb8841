/** What runs in a simulated world: the stand-in for OpenStack and every function of the engine, the steps and the API. */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { handler as advance } from '../../functions/engine/advance.ts';
import { handler as janitor } from '../../functions/engine/janitor.ts';
import { handler as sweep } from '../../functions/engine/sweep.ts';
import { handler as watch } from '../../functions/engine/watch.ts';
import * as actions from '../../functions/http/actions.ts';
import * as clusters from '../../functions/http/clusters.ts';
import * as nodeGroup from '../../functions/http/node-group.ts';
import * as nodeGroups from '../../functions/http/node-groups.ts';
import * as operations from '../../functions/http/operations.ts';
import { handler as certificates } from '../../functions/http/v1/certificates.ts';
import { openCloud } from '../../local/openstack/cloud.ts';
// Written by the bundler: every file of functions/steps, by its step's name.
import { steps as found } from 'steps-of-this-service';

type Http = (event: unknown, context: unknown) => Promise<{ statusCode: number; body: string }>;
export interface Inside {
  openCloud: typeof openCloud;
  engine: { advance: (event: SQSEvent) => Promise<SQSBatchResponse>; sweep: () => Promise<void>; watch: () => Promise<void>; janitor: () => Promise<void> };
  steps: Record<string, (event: SQSEvent) => Promise<SQSBatchResponse>>;
  route(method: string, path: string): { key: string; handler: Http; parameters: Record<string, string> };
}

const engine = { advance, sweep, watch, janitor };
const steps = found as Inside['steps'];
const routes = {
  'POST /v2/clusters': clusters.create, 'GET /v2/clusters/{id}': clusters.show, 'DELETE /v2/clusters/{id}': clusters.remove,
  'PATCH /v2/clusters/{id}': actions.patch, 'GET /v2/clusters/{id}/operations': operations.list,
  'POST /v2/clusters/{id}/operations/{operation}': operations.post,
  'POST /v2/node-groups': nodeGroups.create, 'GET /v2/node-groups/{id}': nodeGroup.show,
  'PATCH /v2/node-groups/{id}': nodeGroup.edit, 'DELETE /v2/node-groups/{id}': nodeGroup.remove,
  'GET /v1/certificates/{id}': certificates, 'PATCH /v1/certificates/{id}': certificates,
};

function route(method: string, path: string): ReturnType<Inside['route']> {
  for (const [key, handler] of Object.entries(routes)) {
    const [verb, template = ''] = key.split(' ');
    const match = verb === method && new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`).exec(path);
    if (match) return { key, handler: handler as unknown as Http, parameters: { ...match.groups } };
  }
  throw new Error(`No function answers ${method} ${path}`);
}

export { engine, openCloud, route, steps };
