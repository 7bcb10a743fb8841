import { expect, it } from 'vitest';
import type { StepRecord } from '../../../layers/engine/ports.ts';
import { gone } from '../../../layers/engine/step.ts';
import { removeLoadBalancers } from '../../../layers/lifecycle/load-balancer.ts';
import type { Call } from '../../../layers/openstack/call.ts';
import type { Session } from '../../../layers/openstack/session.ts';

const waiting = { waitingSince: 1 } as StepRecord;
const project_id = 'p';

/** Octavia with these load balancers: what it is asked, and what it still has. */
function octaviaWith(names: readonly string[]): { session: Session; asked: string[]; land(): void } {
  let left = names.map((name) => ({ id: `id-of-${name}`, name, provisioning_status: 'ACTIVE' }));
  const asked: string[] = [];
  const request = async ({ method, path, query = {} }: Call): Promise<unknown> => {
    asked.push(`${method} ${JSON.stringify(query)}`);
    if (method === 'DELETE') {
      for (const each of left) if (path.text.includes(each.id)) each.provisioning_status = 'PENDING_DELETE';
      return undefined;
    }
    return { loadbalancers: left.filter(({ name, provisioning_status }) =>
      (query.name ?? name) === name && (query.provisioning_status ?? provisioning_status) === provisioning_status) };
  };
  return { session: { request } as Session, asked, land: () => { left = []; } };
}

it('asks once for all load balancers that are on their way out, and for its own when it is none of them', async () => {
  const names = ['a', 'b', 'c'];
  const { session, asked, land } = octaviaWith(names);
  const remove = (name: string, now: number, record = waiting) => removeLoadBalancers({ service: session, record, now: () => now }, { name, project_id });
  for (const name of names) expect(await remove(name, 0, {} as StepRecord)).toMatchObject({ kind: 'wait' });
  expect(asked.filter((call) => call.startsWith('DELETE'))).toHaveLength(3);

  asked.length = 0;
  for (const name of names) expect(await remove(name, 10_000)).toMatchObject({ kind: 'wait', reason: `load balancer ${name} is being deleted` });
  expect(asked).toEqual([expect.stringContaining('PENDING_DELETE')]);

  land();
  asked.length = 0;
  for (const name of names) expect(await remove(name, 20_000)).toEqual(gone);
  expect(asked).toHaveLength(4);
});
