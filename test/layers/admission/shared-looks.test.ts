import { expect, it, vi } from 'vitest';
import { sharingLooks } from '../../../layers/admission/shared-looks.ts';
import type { Call } from '../../../layers/openstack/call.ts';
import { path } from '../../../layers/openstack/path.ts';
import type { Session } from '../../../layers/openstack/session.ts';

const networks = (id: string, method: Call['method'] = 'GET'): Call => ({ service: 'network', method, path: path`/networks`, query: { id } });

function cloud(answer: () => Promise<unknown> = async () => ({ networks: [] })) {
  const request = vi.fn<() => Promise<unknown>>(answer);
  return { session: { request } as unknown as Session, request };
}

it('asks once for all who ask the same with the same token until there is an answer, and then again', async () => {
  const { session, request } = cloud();
  const ask = (call: Call) => sharingLooks(session, 'a token').request(call);
  const [first, second] = await Promise.all([ask(networks('a')), ask(networks('a'))]);
  expect(second).toBe(first);
  expect(request).toHaveBeenCalledTimes(1);
  expect(await ask(networks('a'))).not.toBe(first);
  expect(request).toHaveBeenCalledTimes(2);
});

it('asks for itself what is something else, or for somebody else, or changes anything', async () => {
  const { session, request } = cloud();
  const ask = (call: Call, owner = 'a token') => sharingLooks(session, owner).request(call);
  await Promise.all([ask(networks('a')), ask(networks('b')), ask(networks('a'), 'another'), ask({ ...networks('a'), microversion: '2.1' })]);
  expect(request).toHaveBeenCalledTimes(4);
  await Promise.all([ask(networks('a', 'POST')), ask(networks('a', 'POST'))]);
  expect(request).toHaveBeenCalledTimes(6);
});

it('keeps no failure: whoever was asking has it, the next asks again', async () => {
  const refusal = new Error('not now');
  const { session, request } = cloud(vi.fn<() => Promise<unknown>>().mockRejectedValueOnce(refusal).mockResolvedValue('there'));
  const ask = () => sharingLooks(session, 'a token').request(networks('a'));
  for (const each of [ask(), ask()]) await expect(each).rejects.toBe(refusal);
  expect(await ask()).toBe('there');
  expect(request).toHaveBeenCalledTimes(2);
});
