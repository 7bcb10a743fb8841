/** Identity: domains, projects, users, roles, credentials, tokens, the catalogue. One function, one call. */
import { isOpenStackError } from './error.ts';
import { path, type Path } from './path.ts';
import { get, list, remove, unwrap, write, type Resource } from './resource.ts';
import type { Session } from './session.ts';

const at = (place: Path, key: string): Resource => ({ service: 'identity', path: place, key });

// Domains

export interface Domain { id: string; name: string; enabled: boolean; description: string }
export interface DomainCreate { name: string; description?: string; enabled?: boolean }

export function listDomains(session: Session, query: { name?: string } = {}): Promise<Domain[]> {
  return list<Domain>(session, { ...at(path`/domains`, 'domains'), query });
}

export function createDomain(session: Session, domain: DomainCreate): Promise<Domain> {
  return write<Domain>(session, 'POST', at(path`/domains`, 'domain'), domain);
}

export function updateDomain(session: Session, domainId: string, change: Partial<DomainCreate>): Promise<Domain> {
  return write<Domain>(session, 'PATCH', at(path`/domains/${domainId}`, 'domain'), change);
}

/** Only a disabled domain can be deleted; its projects and users go with it. */
export function deleteDomain(session: Session, domainId: string): Promise<void> {
  return remove(session, at(path`/domains/${domainId}`, 'domain'));
}

// Projects

export interface Project {
  id: string;
  name: string;
  domain_id: string;
  description: string;
  enabled: boolean;
  tags: string[];
}
/** Without `domain_id`: in the domain that the token is scoped to. */
export interface ProjectCreate {
  name: string;
  domain_id?: string;
  description?: string;
  enabled?: boolean;
  tags?: string[];
}
/** `tags: 'a,b'` finds those that have all of them. */
export type ProjectQuery = { domain_id?: string; name?: string; tags?: string; 'tags-any'?: string; enabled?: boolean };

export function listProjects(session: Session, query: ProjectQuery = {}): Promise<Project[]> {
  return list<Project>(session, { ...at(path`/projects`, 'projects'), query });
}

/** 409 when the domain has one of that name. */
export function createProject(session: Session, project: ProjectCreate): Promise<Project> {
  return write<Project>(session, 'POST', at(path`/projects`, 'project'), project);
}

export function getProject(session: Session, projectId: string): Promise<Project | undefined> {
  return get<Project>(session, at(path`/projects/${projectId}`, 'project'));
}

export function updateProject(
  session: Session,
  projectId: string,
  change: Partial<Omit<ProjectCreate, 'domain_id'>>,
): Promise<Project> {
  return write<Project>(session, 'PATCH', at(path`/projects/${projectId}`, 'project'), change);
}

/** What is in the project is not asked and stays behind without an owner: empty it first. */
export function deleteProject(session: Session, projectId: string): Promise<void> {
  return remove(session, at(path`/projects/${projectId}`, 'project'));
}

// Users

export interface User {
  id: string;
  name: string;
  domain_id: string;
  enabled: boolean;
  description?: string;
  default_project_id?: string;
}
/** Without `domain_id`: in the domain that the token is scoped to. */
export interface UserCreate {
  name: string;
  domain_id?: string;
  password: string;
  description?: string;
  enabled?: boolean;
  default_project_id?: string;
}

export function listUsers(session: Session, query: { domain_id?: string; name?: string } = {}): Promise<User[]> {
  return list<User>(session, { ...at(path`/users`, 'users'), query });
}

/** 409 when the domain has one of that name. */
export function createUser(session: Session, user: UserCreate): Promise<User> {
  return write<User>(session, 'POST', at(path`/users`, 'user'), user);
}

/**
 * A changed password ends all tokens of the user. Keystone reckons that in whole seconds: tokens issued in
 * the rest of the same second are refused (401) too.
 */
export function updateUser(
  session: Session,
  userId: string,
  change: Partial<Omit<UserCreate, 'domain_id'>>,
): Promise<User> {
  return write<User>(session, 'PATCH', at(path`/users/${userId}`, 'user'), change);
}

/** Takes the user's application credentials along. */
export function deleteUser(session: Session, userId: string): Promise<void> {
  return remove(session, at(path`/users/${userId}`, 'user'));
}

// Roles

export interface Role { id: string; name: string; domain_id: string | null }
export interface RoleAssignment {
  role: { id: string };
  user?: { id: string };
  group?: { id: string };
  scope: { project?: { id: string }; domain?: { id: string }; 'OS-INHERIT:inherited_to'?: 'projects' };
}
export type RoleAssignmentQuery = {
  'user.id'?: string;
  'scope.project.id'?: string;
  'scope.domain.id'?: string;
  'role.id'?: string;
};

export function listRoles(session: Session, query: { name?: string } = {}): Promise<Role[]> {
  return list<Role>(session, { ...at(path`/roles`, 'roles'), query });
}

export async function assignRole(session: Session, projectId: string, userId: string, roleId: string): Promise<void> {
  await session.request({
    service: 'identity',
    method: 'PUT',
    path: path`/projects/${projectId}/users/${userId}/roles/${roleId}`,
  });
}

export function unassignRole(session: Session, projectId: string, userId: string, roleId: string): Promise<void> {
  return remove(session, { service: 'identity', path: path`/projects/${projectId}/users/${userId}/roles/${roleId}` });
}

export async function assignDomainRole(
  session: Session,
  domainId: string,
  userId: string,
  roleId: string,
): Promise<void> {
  await session.request({
    service: 'identity',
    method: 'PUT',
    path: path`/domains/${domainId}/users/${userId}/roles/${roleId}`,
  });
}

/** The role on the domain counts in every project of it, those to come included. */
export async function assignInheritedRole(
  session: Session,
  domainId: string,
  userId: string,
  roleId: string,
): Promise<void> {
  const place = path`/OS-INHERIT/domains/${domainId}/users/${userId}/roles/${roleId}/inherited_to_projects`;
  await session.request({ service: 'identity', method: 'PUT', path: place });
}

export function listRoleAssignments(session: Session, query: RoleAssignmentQuery): Promise<RoleAssignment[]> {
  return list<RoleAssignment>(session, { ...at(path`/role_assignments`, 'role_assignments'), query });
}

// Application credentials

export interface ApplicationCredential {
  id: string; name: string; project_id: string; description: string | null; roles: { id: string; name: string }[];
  unrestricted: boolean; expires_at: string | null;
}
/** Without a `secret` Keystone makes one up; either is answered this once. */
export interface ApplicationCredentialCreate {
  name: string;
  secret?: string;
  description?: string;
  roles?: ({ id: string } | { name: string })[];
  unrestricted: boolean;
  expires_at?: string;
}

export function listApplicationCredentials(session: Session, userId: string): Promise<ApplicationCredential[]> {
  return list<ApplicationCredential>(
    session,
    at(path`/users/${userId}/application_credentials`, 'application_credentials'),
  );
}

/** For the session's project. Only the user may, no administrator for them (403). The secret is told this once. */
export function createApplicationCredential(
  session: Session, userId: string, credential: ApplicationCredentialCreate,
): Promise<ApplicationCredential & { secret: string }> {
  return write(
    session,
    'POST',
    at(path`/users/${userId}/application_credentials`, 'application_credential'),
    credential,
  );
}

export function deleteApplicationCredential(session: Session, userId: string, credentialId: string): Promise<void> {
  return remove(session, { service: 'identity', path: path`/users/${userId}/application_credentials/${credentialId}` });
}

// Tokens

export interface TokenInfo {
  user: { id: string; name: string; domain: { id: string; name: string } };
  project?: { id: string; name: string; domain: { id: string; name: string } };
  domain?: { id: string; name: string };
  roles?: { id: string; name: string }[];
  methods: string[];
  issued_at: string;
  expires_at: string;
}

/** Whose token it is and for what; undefined when Keystone does not know it, or no longer. The session only asks. */
export async function validateToken(session: Session, subjectToken: string): Promise<TokenInfo | undefined> {
  // A header ends at a line break, and web servers refuse what is longer: such a text is no token, and no request is to
  // be made of it.
  if (!/^[\x21-\x7e]{1,8192}$/.test(subjectToken)) return undefined;
  const resource = at(path`/auth/tokens`, 'token');
  try {
    const answer = await session.request({
      ...resource, method: 'GET', query: { nocatalog: '' }, headers: { 'x-subject-token': subjectToken },
    });
    return unwrap<TokenInfo>(answer, resource, 'GET');
  } catch (error) {
    if (isOpenStackError(error, 404)) return undefined;
    throw error;
  }
}

// The catalogue

export interface ServiceEntry { id: string; type: string; name: string; enabled: boolean; description?: string }
export type ServiceEntryCreate = { type: string; name: string; description?: string; enabled?: boolean };
export interface Endpoint {
  id: string;
  service_id: string;
  interface: 'public' | 'internal' | 'admin';
  region_id: string;
  url: string;
  enabled: boolean;
}
export type EndpointCreate = Pick<Endpoint, 'service_id' | 'interface' | 'region_id' | 'url'> & { enabled?: boolean };
export type EndpointQuery = { service_id?: string; interface?: Endpoint['interface']; region_id?: string };

export function listServices(session: Session, query: { type?: string; name?: string } = {}): Promise<ServiceEntry[]> {
  return list<ServiceEntry>(session, { ...at(path`/services`, 'services'), query });
}

export function createService(session: Session, service: ServiceEntryCreate): Promise<ServiceEntry> {
  return write<ServiceEntry>(session, 'POST', at(path`/services`, 'service'), service);
}

export function updateService(
  session: Session,
  serviceId: string,
  change: Partial<ServiceEntryCreate>,
): Promise<ServiceEntry> {
  return write<ServiceEntry>(session, 'PATCH', at(path`/services/${serviceId}`, 'service'), change);
}

/** Takes its endpoints along. */
export function deleteService(session: Session, serviceId: string): Promise<void> {
  return remove(session, { service: 'identity', path: path`/services/${serviceId}` });
}

export function listEndpoints(session: Session, query: EndpointQuery = {}): Promise<Endpoint[]> {
  return list<Endpoint>(session, { ...at(path`/endpoints`, 'endpoints'), query });
}

export function createEndpoint(session: Session, endpoint: EndpointCreate): Promise<Endpoint> {
  return write<Endpoint>(session, 'POST', at(path`/endpoints`, 'endpoint'), endpoint);
}

export function updateEndpoint(
  session: Session,
  endpointId: string,
  change: Partial<EndpointCreate>,
): Promise<Endpoint> {
  return write<Endpoint>(session, 'PATCH', at(path`/endpoints/${endpointId}`, 'endpoint'), change);
}

export function deleteEndpoint(session: Session, endpointId: string): Promise<void> {
  return remove(session, { service: 'identity', path: path`/endpoints/${endpointId}` });
}
