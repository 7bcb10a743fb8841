import { afterAll, expect, it } from 'vitest';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { openSession, sessionFromToken } from '../../../layers/openstack/session.ts';
import { memoryTokenCache } from '../../../layers/openstack/token.ts';
import { authUrl, describeOnCloud, eventually, openAdmin, region, uniqueName } from './cloud.ts';

describeOnCloud('Keystone', () => {
  const admin = openAdmin();
  const name = uniqueName('domain');
  const made = { domain: '', project: '', user: '' };

  afterAll(async () => {
    if (!made.domain) return;
    await keystone.updateDomain(admin, made.domain, { enabled: false });
    await keystone.deleteDomain(admin, made.domain);
  });

  it('makes a domain, a project and a user, each found by name', async () => {
    const domain = await keystone.createDomain(admin, { name, description: 'test' });
    made.domain = domain.id;
    expect(await keystone.listDomains(admin, { name })).toMatchObject([{ id: domain.id, enabled: true }]);

    const project = await keystone.createProject(admin, { name, domain_id: domain.id, tags: ['moorage=x', 'b'] });
    made.project = project.id;
    expect(await keystone.listProjects(admin, { domain_id: domain.id, tags: 'moorage=x,b' })).toMatchObject([
      { id: project.id, name },
    ]);
    expect(await keystone.listProjects(admin, { domain_id: domain.id, tags: 'c' })).toEqual([]);
    expect(await keystone.updateProject(admin, project.id, { description: 'changed' })).toMatchObject({
      description: 'changed',
    });
    expect(await keystone.getProject(admin, project.id)).toMatchObject({
      name,
      description: 'changed',
      tags: expect.arrayContaining(['b']),
    });
    await expect(keystone.createProject(admin, { name, domain_id: domain.id })).rejects.toMatchObject({
      status: 409,
      type: 'Conflict',
      quota: false,
    });

    const user = await keystone.createUser(admin, { name, domain_id: domain.id, password: 'before' });
    made.user = user.id;
    expect(await keystone.listUsers(admin, { domain_id: domain.id, name })).toMatchObject([{ id: user.id }]);
    await keystone.updateUser(admin, user.id, { password: 'after' });
  });

  it('gives a role, and the user logs in with it, for a project', async () => {
    const [member] = await keystone.listRoles(admin, { name: 'member' });
    await keystone.assignRole(admin, made.project, made.user, member!.id);
    await keystone.assignRole(admin, made.project, made.user, member!.id);
    expect(await keystone.listRoleAssignments(admin, { 'user.id': made.user })).toMatchObject([
      { role: { id: member!.id }, scope: { project: { id: made.project } } },
    ]);
    const user = openSession({
      authUrl,
      region,
      credential: { userId: made.user, password: 'after' },
      scope: { projectId: made.project },
    });
    // For the rest of the second in which a password changed, Keystone refuses what it issues.
    await eventually(() => keystone.getProject(user, made.project).catch(String)).toMatchObject({ id: made.project });
  });

  it('lets a user make application credentials, which log in by themselves', async () => {
    const user = openSession({
      authUrl,
      region,
      credential: { username: name, userDomainName: name, password: 'after' },
      scope: { projectName: name, projectDomainName: name },
    });
    const roles = [{ name: 'member' }];
    const created = await keystone.createApplicationCredential(user, made.user, {
      name: 'csi',
      roles,
      unrestricted: false,
    });
    expect(created).toMatchObject({ project_id: made.project, unrestricted: false });
    expect(created.secret.length).toBeGreaterThan(40);
    expect(await keystone.listApplicationCredentials(user, made.user)).toMatchObject([
      { id: created.id, name: 'csi', roles: [{ name: 'member' }] },
    ]);

    const credential = { applicationCredentialId: created.id, applicationCredentialSecret: created.secret };
    const own = openSession({ authUrl, region, credential });
    expect(await keystone.getProject(own, made.project)).toMatchObject({ id: made.project });
    await expect(
      keystone.createApplicationCredential(own, made.user, { name: 'more', unrestricted: false }),
    ).rejects.toMatchObject({ status: 403 });
    await keystone.deleteApplicationCredential(user, made.user, created.id);
    await keystone.deleteApplicationCredential(user, made.user, created.id);
    expect(await keystone.listApplicationCredentials(user, made.user)).toEqual([]);
  });

  it('validates a user\'s token, and acts with it', async () => {
    const tokens = memoryTokenCache();
    const seen: string[] = [];
    const user = openSession({
      authUrl, region, credential: { userId: made.user, password: 'after' }, scope: { projectId: made.project },
      tokens: { get: tokens.get, put: (key, token) => (seen.push(token.token), tokens.put(key, token)) },
    });
    await keystone.getProject(user, made.project);
    const [token] = seen;

    const info = await keystone.validateToken(admin, token!);
    expect(info).toMatchObject({
      user: { id: made.user, domain: { name } },
      project: { id: made.project },
      roles: expect.arrayContaining([expect.objectContaining({ name: 'member' })]),
    });
    expect(Date.parse(info!.expires_at)).toBeGreaterThan(Date.now());
    expect(info).not.toHaveProperty('catalog');
    expect(await keystone.validateToken(admin, 'gAAAAABnothing')).toBeUndefined();
    expect(await keystone.validateToken(admin, 'two\r\nlines')).toBeUndefined();

    const own = sessionFromToken({ token: token!, authUrl, region });
    expect(await keystone.getProject(own, made.project)).toMatchObject({ id: made.project });
    await expect(keystone.listServices(own)).rejects.toMatchObject({
      status: 403,
      service: 'identity',
      path: '/services',
    });
  });

  it('a role on a domain is inherited by its projects, and a token can be for the domain', async () => {
    const [role] = await keystone.listRoles(admin, { name: 'admin' });
    await keystone.assignDomainRole(admin, made.domain, made.user, role!.id);
    await keystone.assignInheritedRole(admin, made.domain, made.user, role!.id);
    const credential = { username: name, userDomainName: name, password: 'after' };
    const ofDomain = openSession({ authUrl, region, credential, scope: { domainName: name } });
    const later = await keystone.createProject(ofDomain, { name: uniqueName('later'), domain_id: made.domain });
    const ofProject = openSession({ authUrl, region, credential, scope: { projectId: later.id } });
    expect(await keystone.listProjects(ofProject, { domain_id: made.domain })).toHaveLength(2);
    await keystone.deleteProject(ofDomain, later.id);
    expect(await keystone.getProject(admin, later.id)).toBeUndefined();
  });

  it('takes a role, a user and a project away, twice', async () => {
    const [member] = await keystone.listRoles(admin, { name: 'member' });
    for (const _ of [1, 2]) {
      await keystone.unassignRole(admin, made.project, made.user, member!.id);
      await keystone.deleteUser(admin, made.user);
      await keystone.deleteProject(admin, made.project);
    }
    expect(await keystone.listUsers(admin, { domain_id: made.domain })).toEqual([]);
  });

  it('writes the catalogue', async () => {
    const service = await keystone.createService(admin, { type: uniqueName('type'), name });
    expect(await keystone.listServices(admin, { type: service.type })).toMatchObject([{ id: service.id, name }]);
    expect(await keystone.updateService(admin, service.id, { description: 'changed' })).toMatchObject({
      description: 'changed',
    });
    const endpoint = await keystone.createEndpoint(admin, {
      service_id: service.id, interface: 'public', region_id: region ?? 'RegionOne', url: 'http://127.0.0.1:1',
    });
    expect(await keystone.updateEndpoint(admin, endpoint.id, { url: 'http://127.0.0.1:2' })).toMatchObject({
      url: 'http://127.0.0.1:2',
    });
    expect(await keystone.listEndpoints(admin, { service_id: service.id })).toMatchObject([
      { id: endpoint.id, interface: 'public' },
    ]);
    await keystone.deleteEndpoint(admin, endpoint.id);
    await keystone.deleteService(admin, service.id);
    expect(await keystone.listServices(admin, { type: service.type })).toEqual([]);
  });
});
