import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cloudName, readCloud, scopeOf } from '../../local/clouds.ts';
import { checkMachines } from '../../local/running.ts';
import { readSettings } from '../../layers/platform/settings.ts';

let dir: string;
const file = (name: string): string => join(dir, name);
const put = (name: string, content: string): string => {
  writeFileSync(file(name), content);
  return file(name);
};

beforeAll(() => { dir = mkdtempSync(join(tmpdir(), 'clouds-')); });
afterAll(() => rmSync(dir, { recursive: true }));

const clouds = `
clouds:
  moorage:
    auth: { auth_url: https://cloud.example:5000/v3, username: moorage, user_domain_name: moorage, domain_name: moorage }
    region_name: north
  person:
    auth: { auth_url: https://cloud.example:5000/v3, username: ann, password: b, user_domain_name: Default, project_name: ships }
`;

describe('which cloud', () => {
  test('is one of three', () => {
    expect(cloudName('lab')).toBe('lab');
    expect(() => cloudName('labb')).toThrow('--cloud takes local, lab or env');
  });

  test.each(['local', 'lab', 'env'] as const)('%s gives the functions all that they need', (name) => {
    put('clouds.yaml', JSON.stringify({ clouds: Object.fromEntries(['moorage', 'admin', 'demo'].map((who) => [who, {
      auth: { auth_url: 'http://127.0.0.1:5000/v3', username: who, password: 'p', user_domain_name: 'd', domain_name: 'moorage' } }])) }));
    const { env } = readCloud(name, {
      LAB_DIR: dir, OS_AUTH_URL: 'http://127.0.0.1/v3', OS_USERNAME: 'moorage', OS_PASSWORD: 'p', EXTERNAL_NETWORK: 'outside', OS_CLIENT_CONFIG_FILE: file('none.yaml'),
    });
    expect(() => readSettings(env)).not.toThrow();
    expect(readSettings(env).serviceDomainName).toBe('moorage');
  });
});

describe('the lab', () => {
  test('that is not there is told how to bring up', () => {
    expect(() => readCloud('lab', { LAB_DIR: file('nowhere') })).toThrow('npm run lab:up');
  });

  test.each([
    ['fake', undefined, { PLATFORM_CIDRS: '127.0.0.0/8' }],
    ['vm', true, { PLATFORM_CIDRS: '198.51.100.1/32', IMAGE_PREFIX: 'debian-12-kube-', BOOT_DISK_GIB: '12' }],
  ])('whose servers are %s has the settings for them', (machines, hasVms, settings) => {
    put('clouds.yaml', JSON.stringify({ clouds: Object.fromEntries(['moorage', 'admin', 'demo'].map((who) => [who, {
      auth: { auth_url: 'http://198.51.100.1:5000/v3', username: who, password: 'p', user_domain_name: 'd' } }])) }));
    put('machines', `${machines}\n`);
    const access = readCloud('lab', { LAB_DIR: dir });
    expect(access.vmLabDir).toBe(hasVms && dir);
    expect(access.env).toMatchObject(settings);
    const right = machines === 'vm' ? 'vm' : 'played';
    expect(() => checkMachines(right, access)).not.toThrow();
    expect(() => checkMachines(right === 'vm' ? 'played' : 'vm', access)).toThrow('--machines vm');
  });
});

describe('any cloud', () => {
  test('is that of OS_*, with whatever else the functions are told', () => {
    const ca = put('ca.pem', '-----BEGIN CERTIFICATE-----');
    const { authUrl, platform, env, admin } = readCloud('env', {
      OS_AUTH_URL: 'https://cloud.example:5000/v3', OS_USERNAME: 'keeper', OS_PASSWORD: 'p', OS_USER_DOMAIN_NAME: 'k8s', OS_CACERT: ca,
      EXTERNAL_NETWORK: 'outside', PLATFORM_CIDRS: '192.0.2.0/24', PATH: '/bin', OS_CLIENT_CONFIG_FILE: file('none.yaml'),
    });
    expect([authUrl, platform.username, scopeOf(platform), admin]).toEqual(['https://cloud.example:5000/v3', 'keeper', { domainName: 'k8s' }, undefined]);
    expect(env).toMatchObject({ SERVICE_DOMAIN_NAME: 'k8s', EXTERNAL_NETWORK: 'outside', PLATFORM_CIDRS: '192.0.2.0/24', OS_CA_CERTIFICATE: '-----BEGIN CERTIFICATE-----' });
    expect(env).not.toHaveProperty('PATH');
  });

  test('is an entry of clouds.yaml, its password in secure.yaml, and others for other people', () => {
    const config = put('clouds.yaml', clouds);
    put('secure.yaml', 'clouds: { moorage: { auth: { password: sesame } } }');
    const { regionName, platform, user, env } = readCloud('env', { OS_CLOUD: 'moorage', MOORAGE_USER_CLOUD: 'person', OS_CLIENT_CONFIG_FILE: config });
    expect([regionName, platform.password, env.OS_PASSWORD]).toEqual(['north', 'sesame', 'sesame']);
    expect(scopeOf(user!)).toEqual({ projectName: 'ships', projectDomainName: 'Default' });
  });

  test.each([
    [{}, 'Not set: OS_AUTH_URL, OS_USERNAME, OS_PASSWORD'],
    [{ OS_CLOUD: 'moorage' }, 'no clouds.yaml'],
    [{ OS_CLOUD: 'harbour', file: clouds }, 'no cloud "harbour"; it has: moorage, person'],
    [{ OS_CLOUD: 'moorage', file: clouds }, 'lacks password'],
  ])('that is not told fully says what is missing: %o', ({ file: content, ...env }: Record<string, string>, problem) => {
    rmSync(file('secure.yaml'), { force: true });
    const config = content ? put('clouds.yaml', content) : file('none.yaml');
    expect(() => readCloud('env', { ...env, OS_CLIENT_CONFIG_FILE: config })).toThrow(problem);
  });
});
