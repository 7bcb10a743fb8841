/** The OpenAPI 3.1 document: the routes, with what they take and answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, readDefinitions, readMagnumRoutes, readRoutes, withRefs, type Parameter, type Route } from './definitions.ts';

const json = (schema: object) => ({ 'application/json': { schema } });
const named = (name: string) => ({ $ref: `#/$defs/${name}` });

const errorTexts: Record<number, string> = {
  400: 'The request is wrong; every problem of it is in `details`.',
  401: 'The token is missing, or no longer valid.',
  403: 'The token\'s roles do not allow it, or it is not scoped to a project.',
  404: 'There is no such thing in the token\'s project.',
  409: 'It does not fit the state that the thing is in.',
  406: 'The microversion is not supported, or the route is not in it.',
  413: 'The request is too large.',
  422: 'The Idempotency-Key was used for another request.',
  429: 'Too many requests; Retry-After says when to try again.',
  500: 'A fault of ours; the request id finds it in the logs.',
  503: 'OpenStack does not answer; Retry-After says when to try again.',
};

const keystone = {
  type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'A Keystone token, scoped to a project.',
};
const readPackage = (): { version: string; description: string } =>
  JSON.parse(readFileSync(join(folder, '../package.json'), 'utf8')) as { version: string; description: string };

export function openApiDocument(): object {
  const [own, magnum] = [readRoutes(), readMagnumRoutes()];
  const parameters = { ...own.parameters, ...magnum.parameters };
  const { version, description } = readPackage();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of [...own.routes, ...magnum.routes]) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, parameters);
  return withRefs({
    openapi: '3.1.0',
    info: {
      title: 'Moorage', version, description: `${description}.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ keystone: [] }],
    paths,
    components: {
      securitySchemes: { keystone },
      schemas: readDefinitions(),
    },
  }, '#/components/schemas/');
}

const begun = 'Done, or begun: what goes on is told by the cluster\'s status and operations.';

function operationOf(route: Route, known: Record<string, Parameter>): object {
  const { id, path, role, summary, request, answer, status = 200, parameters = [] } = route;
  const isMedia = answer.includes('/');
  const answered = isMedia ? { [answer]: { schema: { type: 'string' } } } : json(named(answer));
  const success = { description: begun, ...(status !== 204 && { content: answered }), ...(isMagnum(route) && { headers: versionHeaders }) };
  return {
    operationId: id, summary, tags: [tagOf(path)],
    ...(role === 'anyone' ? { security: [] } : { description: `Needs the role ${role} in the project.` }),
    parameters: [...parameters.map((name) => known[name]), ...(isMagnum(route) ? [versionParameter] : [])],
    ...(request && { requestBody: { required: true, content: json(named(request)) } }),
    responses: {
      [status]: success,
      ...Object.fromEntries(statusesOf(route).map((each) => [each, errorOf(each, isMagnum(route) ? 'MagnumErrorAnswer' : 'ErrorAnswer')])),
    },
  };
}

const errorOf = (status: number, answer: string) => ({ description: errorTexts[status], content: json(named(answer)) });

const isMagnum = ({ since }: Route): boolean => since !== undefined;
const versionHeader = 'OpenStack-API-Version';
const versionParameter = {
  name: versionHeader, in: 'header', schema: { type: 'string', examples: ['container-infra 1.10', 'container-infra latest'] },
  description: 'The microversion, 1.1 to 1.14; 1.1 when left out.',
};
const versionHeaders = { [versionHeader]: { description: 'The microversion that the answer is in.', schema: { type: 'string' } } };

function tagOf(path: string): string {
  if (path === '/' || path.startsWith('/v1')) return 'Magnum';
  if (path.startsWith('/v2/node-groups')) return 'node groups';
  return path.startsWith('/v2/clusters') ? 'clusters' : 'service';
}

function statusesOf({ path, role, request, since, errors = [] }: Route): number[] {
  const asked = [...(role === 'anyone' ? [] : [400, 401, 403, 503]), ...(since ? [404, 406] : [])];
  const all = [...asked, ...(path.includes('{') ? [404] : []), ...(request ? [413] : []), ...errors, 429, 500];
  return [...new Set(all)].toSorted((a, b) => a - b);
}
