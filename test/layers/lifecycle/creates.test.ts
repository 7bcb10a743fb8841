import { expect, test } from 'vitest';
import { Creates, LostCreate, StillLanding } from '../../../layers/lifecycle/creates.ts';
import { judge } from '../../../layers/lifecycle/judge.ts';
import type { Call } from '../../../layers/openstack/call.ts';
import { OpenStackError, type OpenStackErrorFields } from '../../../layers/openstack/error.ts';
import type { Session } from '../../../layers/openstack/session.ts';

const post = (template: string): Call => ({ service: 'compute', method: 'POST', path: { text: template, template } });
const refusing = (fields: Partial<OpenStackErrorFields>): Session => ({
  request: async () => { throw new OpenStackError({ service: 'compute', method: 'POST', path: '/servers', status: 0, type: 'ECONNRESET', message: 'socket hang up', ...fields }); },
});
const answering: Session = { request: async <T>() => ({}) as T };

/** What a run ends with that asks for this. */
async function endOf(call: Call, session: Session, mayLandUntil?: number): Promise<unknown> {
  const creates = new Creates(mayLandUntil, () => 1_000);
  return creates.guard(session).request(call).then(() => 'answered', (error: unknown) => creates.failure(error));
}

test.each(['/users', '/projects', '/servers', '/lbaas/loadbalancers', '/volumes', '/ports'])('a create of %s without an answer may land for five minutes', async (template) => {
  const error = await endOf(post(template), refusing({}));
  expect(error).toBeInstanceOf(LostCreate);
  expect(judge(error).mayLandMs).toBe(300_000);
});

test.each([
  ['was refused', '/servers', { status: 503, type: 'Unavailable' }],
  ['never arrived', '/servers', { type: 'ECONNREFUSED' }],
  ['is of a part of something, which goes with that', '/security-group-rules', {}],
])('not one that %s', async (_what, template, fields) => {
  expect(judge(await endOf(post(template), refusing(fields))).mayLandMs).toBeUndefined();
});

test('nothing is asked for again until it can land no more; everything else goes on', async () => {
  expect(await endOf(post('/users'), answering, 1_001)).toBeInstanceOf(StillLanding);
  expect(await endOf(post('/users'), answering, 1_000)).toBe('answered');
  expect(await endOf({ ...post('/users'), method: 'GET' }, answering, 1_001)).toBe('answered');
});
