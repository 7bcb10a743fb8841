/** What Keystone remembers. Names are the wire's where they are shown as they are. */

export interface DomainRow { id: string; name: string; description: string; enabled: boolean }

export interface ProjectRow {
  id: string;
  name: string;
  domain_id: string;
  parent_id: string;
  description: string;
  enabled: boolean;
  tags: string[];
}

export interface UserRow {
  id: string;
  name: string;
  domain_id: string;
  password: string | null;
  description: string | null;
  email: string | null;
  default_project_id: string | null;
  enabled: boolean;
}

export interface RoleRow { id: string; name: string; description: string | null; immutable: boolean }

/** A role of a user on a project, on a domain, or on all projects of a domain (inherited). */
export interface AssignmentRow {
  id: string;
  userId: string;
  roleId: string;
  scope: 'project' | 'domain' | 'inherited';
  scopeId: string;
}

export interface ApplicationCredentialRow {
  id: string;
  userId: string;
  project_id: string;
  name: string;
  secret: string;
  description: string | null;
  expires_at: string | null;
  roleIds: string[];
  unrestricted: boolean;
}

export interface ServiceRow { id: string; name: string; type: string; description: string | null; enabled: boolean }

export interface EndpointRow {
  id: string;
  service_id: string;
  interface: string;
  region_id: string;
  url: string;
  enabled: boolean;
}
