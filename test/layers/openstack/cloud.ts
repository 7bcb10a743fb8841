import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { openSession, type Session } from '../../../layers/openstack/session.ts';
import type { Scope } from '../../../layers/openstack/token.ts';

const {
  MOORAGE_TEST_CLOUD: authUrl = '',
  OS_USERNAME = 'admin',
  OS_PASSWORD = '',
  OS_USER_DOMAIN_NAME = 'Default',
  OS_PROJECT_NAME = 'admin',
} = process.env;
const { OS_PROJECT_DOMAIN_NAME = 'Default', OS_REGION_NAME: region } = process.env;

/** Tests against a real OpenStack, where there is one, in a project of their own, which they remove. */
export function describeOnCloud(name: string, tests: () => void): void {
  const title = authUrl
    ? name
    : `${name} (skipped: MOORAGE_TEST_CLOUD, the URL of a Keystone, and OS_USERNAME, OS_PASSWORD are not set)`;
  describe.skipIf(!authUrl)(title, { timeout: 120_000 }, tests);
}

export { authUrl, region };

export function openAdmin(
  scope: Scope = { projectName: OS_PROJECT_NAME, projectDomainName: OS_PROJECT_DOMAIN_NAME },
): Session {
  return openSession({
    authUrl,
    region,
    scope,
    credential: { username: OS_USERNAME, userDomainName: OS_USER_DOMAIN_NAME, password: OS_PASSWORD },
  });
}

/** A name that no other run has. */
export const uniqueName = (noun: string): string => `moorage-test-${noun}-${randomUUID().slice(0, 8)}`;

export interface TestProject { admin: Session; session: Session; project: keystone.Project }

/** A new project, and an administrator's session in it, for all tests of the surrounding block. */
export function useProject(): TestProject {
  const made = {} as TestProject;
  beforeAll(async () => {
    const admin = openAdmin();
    const project = await keystone.createProject(admin, {
      name: uniqueName('project'),
      domain_id: 'default',
      tags: ['moorage-test'],
    });
    const [user] = await keystone.listUsers(admin, { domain_id: 'default', name: OS_USERNAME });
    const [role] = await keystone.listRoles(admin, { name: 'admin' });
    await keystone.assignRole(admin, project.id, user!.id, role!.id);
    Object.assign(made, { admin, project, session: openAdmin({ projectId: project.id }) });
  });
  afterAll(() => (made.project ? keystone.deleteProject(made.admin, made.project.id) : undefined));
  return made;
}

/** Looks until it is as wanted; the cloud works in its own time. */
export function eventually(look: () => unknown): ReturnType<typeof expect.poll> {
  return expect.poll(look, { timeout: 60_000, interval: 300 });
}

/** The same for cleaning up, outside of tests. */
export const until = (holds: () => Promise<boolean>): Promise<boolean> =>
  vi.waitUntil(holds, { timeout: 60_000, interval: 300 });
