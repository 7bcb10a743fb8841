/** Logging in: `POST /auth/tokens` by password, token or application credential; validation of tokens. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { ApplicationCredentialRow, ProjectRow, UserRow } from './rows.ts';
import { asAttributes, asText, asTexts, route, within, type Attributes, type Call, type Reply, type Route }
  from '../service.ts';
import { buildCatalog } from './catalog.ts';
import { forbidden, listReply, missing, unauthorized } from './keystone.ts';
import { showProject } from './projects.ts';
import { callerOf, issueToken, readToken, TOKEN_LIFETIME_MS, type Caller, type TokenContent } from './token.ts';

export function authRoutes(core: Core): Route[] {
  return [
    { ...route('POST', '/auth/tokens', (call) => login(core, call)), open: true },
    route('GET', '/auth/tokens', (call) => validate(core, call)),
    route('DELETE', '/auth/tokens', (call) => revoke(core, call)),
    route('GET', '/auth/catalog', (call) => ({
      status: 200,
      body: { catalog: buildCatalog(core, call.caller.projectId), links: { self: `${call.serviceUrl}/auth/catalog` } },
    })),
    route('GET', '/auth/projects', (call) => listReply(call, 'projects', projectsOf(core, call.caller.userId)
      .map((project) => showProject(call, project)))),
  ];
}

/** Projects the user has a role on. */
export function projectsOf(core: Core, userId: string): ProjectRow[] {
  const mine = core.state.table('assignments').list((assignment) => assignment.userId === userId);
  return core.state.table('projects').list((project) => mine.some(({ scope, scopeId }) =>
    (scope === 'project' && scopeId === project.id) || (scope === 'inherited' && scopeId === project.domain_id)));
}

function login(core: Core, call: Call): Reply {
  const auth = within(call.body, 'auth');
  const identity = asAttributes(auth?.['identity']);
  if (!auth || !identity) throw malformed(auth ? 'identity' : 'auth', auth ? 'auth' : 'request body');
  const methods = asTexts(identity['methods']) ?? [];
  const content = whoIs(core, identity, methods);
  if (!content) return unauthorized(call);
  if (!content.applicationCredentialId) applyScope(core, content, asAttributes(auth['scope']));
  const caller = callerOf(core, content);
  if (!caller) return unauthorized(call);
  const withCatalog = !call.query.has('nocatalog');
  return {
    status: 201,
    body: { token: showToken(core, caller, withCatalog) },
    headers: { 'X-Subject-Token': issueToken(core, content) },
  };
}

/** The unscoped content the credentials stand for; undefined when they are wrong. */
function whoIs(core: Core, identity: Attributes, methods: string[]): TokenContent | undefined {
  const issuedAt = Math.floor(Date.now() / 1000) * 1000;
  const fresh = {
    projectId: null, domainId: null, applicationCredentialId: null, methods,
    issuedAt, expiresAt: issuedAt + TOKEN_LIFETIME_MS, auditId: core.random.hex(22),
  };
  if (methods.includes('application_credential')) {
    const credential = provenCredential(core, asAttributes(identity['application_credential']) ?? {});
    if (!credential) return undefined;
    const { id: applicationCredentialId, userId, project_id: projectId, expires_at } = credential;
    const expiresAt = Math.min(fresh.expiresAt, expires_at === null ? Infinity : Date.parse(expires_at));
    return { ...fresh, userId, projectId, applicationCredentialId, expiresAt };
  }
  if (methods.includes('token')) {
    const old = readToken(core, asText(asAttributes(identity['token'])?.['id']));
    if (!old || old.token.applicationCredentialId) return undefined;
    return { ...fresh, userId: old.userId, methods: [...old.token.methods, 'token'], expiresAt: old.token.expiresAt };
  }
  const given = asAttributes(asAttributes(identity['password'])?.['user']) ?? {};
  const user = findUser(core, given);
  return user?.password != null && user.password === given['password'] ? { ...fresh, userId: user.id } : undefined;
}

function provenCredential(core: Core, given: Attributes): ApplicationCredentialRow | undefined {
  const user = findUser(core, asAttributes(given['user']) ?? {});
  const credential = core.state.table('applicationCredentials').find((one) => given['id'] !== undefined
    ? one.id === given['id']
    : one.name === given['name'] && one.userId === user?.id);
  // One that is gone is said to be so, before any secret is looked at.
  if (!credential && given['id'] !== undefined) throw missing('Application Credential', String(given['id']));
  return credential?.secret === given['secret'] ? credential : undefined;
}

function findUser(core: Core, given: Attributes): UserRow | undefined {
  const domain = asAttributes(given['domain']) ?? {};
  return core.state.table('users').find((user) => given['id'] !== undefined
    ? user.id === given['id']
    : user.name === given['name'] && user.domain_id === domainIdOf(core, domain));
}

/** Sets the scope asked for; without one, the user's default project where there is a role on it. */
function applyScope(core: Core, content: TokenContent, scope: Attributes | undefined): void {
  const project = asAttributes(scope?.['project']);
  const domain = asAttributes(scope?.['domain']);
  if (project) content.projectId = projectIdOf(core, project) ?? 'none';
  else if (domain) content.domainId = domainIdOf(core, domain) ?? 'none';
  else if (!scope) {
    const projectId = core.state.table('users').get(content.userId)?.default_project_id ?? null;
    if (projectId && callerOf(core, { ...content, projectId })) content.projectId = projectId;
  }
}

function projectIdOf(core: Core, given: Attributes): string | undefined {
  if (given['id'] !== undefined) return asText(given['id']);
  const domain = asAttributes(given['domain']);
  if (!domain) throw malformed('domain', 'project');
  const domainId = domainIdOf(core, domain);
  return core.state.table('projects').find((one) => one.name === given['name'] && one.domain_id === domainId)?.id;
}

function domainIdOf(core: Core, given: Attributes): string | undefined {
  if (given['id'] !== undefined) return asText(given['id']);
  return core.state.table('domains').find((one) => one.name === given['name'])?.id;
}

function validate(core: Core, call: Call): Reply {
  const subject = call.headers['x-subject-token'];
  if (subject === undefined) throw new Refusal(404, 'No token in the request');
  if (subject !== call.headers['x-auth-token'] && !call.caller.isAdmin
    && !call.caller.has('service') && !call.caller.has('moorage')) {
    throw forbidden('validate_token');
  }
  const caller = readToken(core, subject);
  if (!caller) throw new Refusal(404, 'Could not recognize Fernet token');
  const token = showToken(core, caller, !call.query.has('nocatalog'));
  return { status: 200, body: { token }, headers: { 'X-Subject-Token': subject } };
}

function revoke(core: Core, call: Call): Reply {
  const subject = readToken(core, call.headers['x-subject-token']);
  if (!subject) throw missing('token', call.headers['x-subject-token'] ?? '');
  if (subject.userId !== call.caller.userId && !call.caller.isAdmin) throw forbidden('revoke_token');
  core.state.table('revokedTokens').insert({ id: subject.token.auditId });
  return { status: 204 };
}

/** The token's content as Keystone shows it. */
function showToken(core: Core, caller: Caller, withCatalog: boolean): Attributes {
  const { token } = caller;
  const user = core.state.table('users').get(caller.userId);
  const project = core.state.table('projects').get(caller.projectId);
  const domain = (id: string | undefined | null): unknown => {
    const row = core.state.table('domains').get(id);
    return { id: row?.id, name: row?.name };
  };
  const scoped = caller.projectId !== null || caller.domainId !== null;
  const credential = core.state.table('applicationCredentials').get(token.applicationCredentialId);
  return {
    methods: token.methods,
    user: { domain: domain(user?.domain_id), id: user?.id, name: user?.name, password_expires_at: null },
    audit_ids: [token.auditId],
    expires_at: stamp(token.expiresAt),
    issued_at: stamp(token.issuedAt),
    ...(project && {
      project: { domain: domain(project.domain_id), id: project.id, name: project.name }, is_domain: false,
    }),
    ...(caller.domainId && { domain: domain(caller.domainId) }),
    ...(scoped && { roles: caller.roles.map(({ id, name }) => ({ id, name })) }),
    ...(credential && { application_credential: { id: credential.id, name: credential.name, restricted: !credential.unrestricted } }),
    ...(scoped && withCatalog && { catalog: buildCatalog(core, caller.projectId) }),
  };
}

function stamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}

function malformed(what: string, where: string): Refusal {
  return new Refusal(400, `Expecting to find ${what} in ${where}. The server could not comply with the request since `
    + 'it is either malformed or otherwise incorrect. The client is assumed to be in error.');
}
