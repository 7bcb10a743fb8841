/** On the stand-in: what it finds in a cloud that has everything, and in one that lacks one thing. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localCloud, type CloudAccess } from '../../../local/clouds.ts';
import { checks, examine, type Verdict } from '../../../local/doctor/examine.ts';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import * as keystone from '../../../layers/openstack/keystone.ts';
import { sessionOf } from '../../../local/doctor/visit.ts';

let standIn: Cloud;
let cloud: CloudAccess;

beforeAll(async () => {
  standIn = await startCloud({ scale: 1_000, seed: 7 });
  cloud = localCloud(standIn);
});
afterAll(() => standIn.close());

const look = (changed: Partial<CloudAccess> = {}): Promise<Verdict[]> => examine({ ...cloud, ...changed }, () => undefined);
const lacking = (verdicts: readonly Verdict[]): Verdict[] => verdicts.filter(({ kind }) => kind === 'missing');

describe('the doctor', () => {
  test('finds everything in a cloud that has it, and leaves nothing', async () => {
    const admin = sessionOf(cloud, cloud.admin!);
    const before = await Promise.all([keystone.listProjects(admin), keystone.listUsers(admin)]);
    const verdicts = await look();
    expect(lacking(verdicts)).toEqual([]);
    expect(verdicts).toHaveLength(checks.length + 3);
    expect(await Promise.all([keystone.listProjects(admin), keystone.listUsers(admin)])).toEqual(before);
  });

  test.each([
    ['EXTERNAL_NETWORK', 'ocean', 'External network', 'openstack network create --external'],
    ['IMAGE_PREFIX', 'flatcar-kube-', 'Images', 'openstack image create --public'],
    ['VOLUME_TYPE', 'gold', 'Volume types', 'openstack volume type create --public gold'],
    ['USER_PROJECT_ROLES', 'member,pilot', 'Roles', 'openstack role create pilot'],
  ])('says what to type where %s=%s is not there', async (setting, value, title, command) => {
    const found = lacking(await look({ env: { ...cloud.env, [setting]: value } })).filter((verdict) => verdict.title === title);
    expect(found.flatMap(({ type }) => type).join('\n')).toContain(command);
  });

  test('says how to make the user that is not there, and looks no further', async () => {
    const verdicts = await look({ platform: { ...cloud.platform, password: 'wrong' } });
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]!.type.join('\n')).toContain('openstack user create --or-show --domain moorage');
  });

  test('takes an ordinary user for nothing more', async () => {
    const [verdict] = await look({ platform: { ...cloud.user!, domainName: 'Default' } });
    expect(verdict).toMatchObject({ kind: 'missing', detail: 'demo has no role on the domain Default' });
  });

  test('says what role lets Moorage do what it is refused', async () => {
    const admin = sessionOf(cloud, cloud.admin!);
    const domainId = (await keystone.listDomains(admin, { name: 'moorage' }))[0]!.id;
    const { id } = await keystone.createUser(admin, { name: 'weak', password: 'p', domain_id: domainId });
    const [reader] = await keystone.listRoles(admin, { name: 'reader' });
    await keystone.assignDomainRole(admin, domainId, id, reader!.id);
    const verdicts = await look({ platform: { username: 'weak', password: 'p', userDomainName: 'moorage', domainName: 'moorage' } });
    expect(lacking(verdicts)).toHaveLength(1);
    expect(lacking(verdicts)[0]!.type.join('\n')).toContain('--inherited moorage');
  });

  test('clears away what an earlier visit left', async () => {
    const domain = sessionOf(cloud, cloud.platform);
    const { id } = await keystone.createProject(domain, { name: 'moorage-doctor-cut-short', enabled: true, tags: ['moorage-doctor'] });
    await look();
    expect((await keystone.listProjects(domain)).map((project) => project.id)).not.toContain(id);
  });
});
