/** Every request that no route takes: a wrong method where there is a path, an unknown path elsewhere. */
import { apiVersion } from '../../layers/magnum/discovery.ts';
import { magnumErrorAnswer, refused } from '../../layers/magnum/errors.ts';
import { baseOf } from '../../layers/magnum/links.ts';
import { microversionOf, versionHeaders } from '../../layers/magnum/microversion.ts';
import { HttpError } from '../../layers/http/http-error.ts';
import { open, type Endpoint } from '../../layers/http/open.ts';
import paths from '../../schemas/generated/paths.json' with { type: 'json' };

const known = Object.entries(paths)
  .map(([path, methods]) => ({ methods, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/:]+')}$`) }));

/** The gateway tells it from `/v1`; clients that follow links do not. */
const version = open(async (event) => {
  const { method } = event.requestContext.http;
  if (method !== 'GET') throw refused(405, `${method} is not for this path; GET is.`, { Allow: 'GET' });
  return apiVersion({ base: baseOf(event) });
}, {
  success: (body) => ({ statusCode: 200, headers: { 'content-type': 'application/json', ...versionHeaders(microversionOf(undefined)) }, body: JSON.stringify(body) }),
  error: magnumErrorAnswer,
});

export const handler: Endpoint = (event, context) => (event.rawPath === '/v1/' ? version : unknown)(event, context);

const unknown = open(async ({ rawPath, requestContext: { http: { method } } }): Promise<never> => {
  const methods = [...new Set(known.filter(({ pattern }) => pattern.test(rawPath)).flatMap((route) => route.methods))];
  if (methods.length === 0) {
    const action = 'See /openapi.json for what there is.';
    throw new HttpError({ status: 404, code: 'route_not_found', message: `There is nothing at ${rawPath}.`, action });
  }
  throw new HttpError({
    status: 405, code: 'method_not_allowed', headers: { allow: methods.join(', ') },
    message: `${method} is not for ${rawPath}; ${methods.join(' and ')} is.`,
  });
});
