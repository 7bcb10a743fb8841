/** Keystone v3: its routes and its own way of refusing. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { Call, Reply, Service } from '../service.ts';
import { applicationCredentialRoutes } from './application-credentials.ts';
import { assignmentRoutes } from './assignments.ts';
import { authRoutes } from './auth.ts';
import { catalogRoutes } from './catalog.ts';
import { domainRoutes } from './domains.ts';
import { projectRoutes } from './projects.ts';
import { contentOf } from './token.ts';
import { userRoutes } from './users.ts';

const TITLES: Record<number, string> = {
  400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 409: 'Conflict',
  429: 'Too Many Requests', 500: 'Internal Server Error', 503: 'Service Unavailable',
};

export function keystone(core: Core): Service {
  return {
    name: 'keystone',
    prefix: '/identity/v3',
    routes: [
      versionRoute(),
      ...authRoutes(core), ...catalogRoutes(core), ...domainRoutes(core), ...projectRoutes(core),
      ...applicationCredentialRoutes(core), ...userRoutes(core), ...assignmentRoutes(core),
    ],
    refuse: ({ status, message, headers }) => ({
      status, headers, body: { error: { code: status, message, title: TITLES[status] ?? 'Error' } },
    }),
    unauthorized: (call) => goneReply(core, call) ?? unauthorized(call),
    headers: ({ requestId }) => ({ 'Vary': 'X-Auth-Token', 'x-openstack-request-id': requestId }),
  };
}

/** 401, as Keystone says it to calls without a valid token and to wrong passwords alike. */
export function unauthorized(call: Call): Reply {
  const message = 'The request you have made requires authentication.';
  return {
    status: 401,
    body: { error: { code: 401, message, title: 'Unauthorized' } },
    headers: { 'WWW-Authenticate': `Keystone uri="${call.serviceUrl}"` },
  };
}

/** A genuine token of somebody who is gone is told so, with 404; the other services say 401 to it. */
function goneReply(core: Core, call: Call): Reply | undefined {
  const content = contentOf(core, call.headers['x-auth-token']);
  if (!content) return undefined;
  const { userId, projectId, applicationCredentialId } = content;
  const { state } = core;
  const what = !state.table('users').get(userId) ? `user: ${userId}`
    : projectId !== null && !state.table('projects').get(projectId) ? `project: ${projectId}`
    : applicationCredentialId !== null ? `Application Credential: ${applicationCredentialId}` : undefined;
  if (what === undefined) return undefined;
  return { status: 404, body: { error: { code: 404, title: 'Not Found', message: `Could not find ${what}.` } } };
}

function versionRoute(): Service['routes'][number] {
  const media = { base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' };
  return {
    method: 'GET', template: '', open: true,
    handle: (call) => ({
      status: 200,
      body: {
        version: {
          id: 'v3.14', status: 'stable', updated: '2020-04-07T00:00:00Z', 'media-types': [media],
          links: [{ rel: 'self', href: `${call.serviceUrl}/` }],
        },
      },
    }),
  };
}

export function forbidden(action: string): Refusal {
  return new Refusal(403, `You are not authorized to perform the requested action: identity:${action}.`);
}

export function missing(what: string, id: string): Refusal {
  return new Refusal(404, `Could not find ${what}: ${id}.`);
}

/** A list as Keystone answers it: never in pages. */
export function listReply(call: Call, key: string, items: unknown[]): Reply {
  const query = call.query.toString();
  const self = `${call.serviceUrl}${call.path}${query ? `?${decodeURIComponent(query)}` : ''}`;
  return { status: 200, body: { [key]: items, links: { next: null, self, previous: null } } };
}

/** Refuses a body without the property, in the first words of Keystone's schema error. */
export function requireProperty(attributes: Record<string, unknown> | undefined, name: string): string {
  const value = attributes?.[name];
  if (typeof value !== 'string' || value.trim() === '') {
    const message = value === undefined ? `'${name}' is a required property` : `${JSON.stringify(value)} is not valid`;
    throw new Refusal(400, `${message}\n\nFailed validating schema`);
  }
  return value;
}
