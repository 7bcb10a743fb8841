import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { transferVolume } from '../../../layers/lifecycle/volume-transfer.ts';
import * as cinder from '../../../layers/openstack/cinder.ts';
import { path } from '../../../layers/openstack/path.ts';
import { openSession, type Session } from '../../../layers/openstack/session.ts';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';
import type { Person } from '../../../local/demo/user.ts';

let cloud: Cloud;
let giver: Session;
let taker: Session;
let admin: Session;
let id: string;

const sessionOf = ({ username, password, userDomainName, projectName, projectDomainName }: Person): Session =>
  openSession({ authUrl: cloud.authUrl, credential: { username, password, userDomainName }, scope: { projectName, projectDomainName } });
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!await isSo()) await new Promise((resume) => { setTimeout(resume, 5); });
};
const hand = () => transferVolume(giver, async () => taker, id, 'of-a-test');
const statusOf = async (session: Session) => (await cinder.getVolume(session, id))?.status;

beforeAll(async () => {
  cloud = await startCloud({ scale: 1_000, seed: 7 });
  [giver, taker, admin] = [cloud.credentials.demo, cloud.credentials.other, cloud.credentials.admin].map((person) => sessionOf(person as Person)) as [Session, Session, Session];
});
afterAll(() => cloud.close());
beforeEach(async () => {
  ({ id } = await cinder.createVolume(giver, { name: 'log-book', size: 1 }));
  await until(async () => await statusOf(giver) === 'available');
});

test('the volume is the taker\'s; again is no error', async () => {
  expect(await hand()).toMatchObject({ kind: 'done' });
  expect([await statusOf(giver), await statusOf(taker)]).toEqual([undefined, 'available']);
  expect(await hand()).toMatchObject({ kind: 'done' });
});

test('where a run went away in the middle, the next one begins anew', async () => {
  await cinder.createVolumeTransfer(giver, { volume_id: id, name: 'of-a-test' });
  expect(await hand()).toMatchObject({ kind: 'wait', afterMs: 0 });
  expect(await hand()).toMatchObject({ kind: 'done' });
  expect(await statusOf(taker)).toBe('available');
});

test('where the taker has no room, the volume stays, and can be used', async () => {
  const [theirs] = await cinder.listVolumes(taker);
  await cinder.updateQuotaSet(admin, theirs!['os-vol-tenant-attr:tenant_id']!, { volumes: 0 });
  await expect(hand()).rejects.toMatchObject({ status: 413, quota: true });
  expect([await statusOf(giver), await statusOf(taker)]).toEqual(['available', undefined]);
  expect(await cinder.listVolumeTransfers(giver)).toEqual([]);
});

test('a volume that something else is done with is waited for', async () => {
  await admin.request({ service: 'block-storage', method: 'POST', path: path`/volumes/${id}/action`, body: { 'os-reset_status': { status: 'attaching' } } });
  expect(await hand()).toMatchObject({ kind: 'wait', reason: 'the volume is attaching' });
  expect(await statusOf(taker)).toBeUndefined();
});
