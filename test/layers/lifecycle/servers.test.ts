import { expect, it } from 'vitest';
import { Setback } from '../../../layers/engine/failure.ts';
import { ensureServers } from '../../../layers/lifecycle/servers.ts';
import { OpenStackError } from '../../../layers/openstack/error.ts';
import type { Call } from '../../../layers/openstack/call.ts';
import type { Session } from '../../../layers/openstack/session.ts';

const refusal = (status: number, message: string) => new OpenStackError({ service: 'compute', method: 'DELETE', path: '/servers/s', status, type: 'error', message });

/** Nova with one server that never got a host, and that answers `refuses` to its delete. */
const novaWithBroken = (refuses?: Error): Session => ({
  request: async ({ method }: Call): Promise<never> => {
    if (method === 'DELETE' && refuses) throw refuses;
    const server = { id: 's', name: 'worker', status: 'ERROR', created: '2026-01-01T00:00:00Z', addresses: {}, fault: { message: 'No valid host was found. ' } };
    return (method === 'DELETE' ? undefined : { servers: [server] }) as never;
  },
});
const build = (session: Session) => ensureServers(session, [{ name: 'worker', groupId: 'g', body: () => { throw new Error('is there'); } }], false);

it('says why a server never came up', async () => {
  const failed = build(novaWithBroken());
  await expect(failed).rejects.toBeInstanceOf(Setback);
  await expect(failed).rejects.toThrow('Servers could not be booted and are being made anew. worker: No valid host was found.');
});

it('says so as well where what broke it keeps it from being deleted', async () => {
  const failed = build(novaWithBroken(refusal(500, 'Unexpected API Error')));
  await expect(failed).rejects.toBeInstanceOf(Setback);
  await expect(failed).rejects.toThrow(/No valid host was found.* 1 server is not deleted yet: .*Unexpected API Error/);
});

it('only waits where it was asked to wait', async () => {
  const paced = refusal(429, 'not now');
  await expect(build(novaWithBroken(paced))).rejects.toBe(paced);
});
