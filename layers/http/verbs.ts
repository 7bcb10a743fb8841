/** `/v2/clusters/{id}:upgrade`: the gateway takes the whole segment for the id, so that the verb is found here. */
import { HttpError } from './http-error.ts';
import { open, type Endpoint, type Event } from './open.ts';

/** The endpoint of the verb at the end of the path's part `name`; '' is the one without a verb. */
export function byVerb(name: string, endpoints: Readonly<Record<string, Endpoint>>): Endpoint {
  return (event, context) => {
    const [id = '', verb = ''] = (event.pathParameters?.[name] ?? '').split(/:|%3A/i, 2);
    const endpoint = Object.hasOwn(endpoints, verb) ? endpoints[verb]! : unknown(verb, endpoints);
    return endpoint({ ...event, pathParameters: { ...event.pathParameters, [name]: id } }, context);
  };
}

const unknown = (verb: string, endpoints: Readonly<Record<string, Endpoint>>): Endpoint => open((event: Event) => {
  const known = Object.keys(endpoints).filter(Boolean).map((each) => `:${each}`).join(', ');
  const { method } = event.requestContext.http;
  if (verb) {
    const message = `There is no :${verb} for ${method} here; there is ${known}.`;
    throw new HttpError({ status: 404, code: 'route_not_found', message });
  }
  const message = `${method} needs one of ${known} at the end of the path.`;
  throw new HttpError({ status: 405, code: 'method_not_allowed', message, headers: { allow: 'GET, PATCH, DELETE' } });
});
