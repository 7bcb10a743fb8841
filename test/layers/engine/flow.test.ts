import { describe, expect, test } from 'vitest';
import { recordsOf } from '../../../layers/engine/advance.ts';
import { after, at, flow, named, undo, undoing, type Policy } from '../../../layers/engine/flow.ts';
import { stepOf, type Operation } from '../../../layers/engine/ports.ts';
import { done, gone, stepsOf } from '../../../layers/engine/step.ts';

const step = stepsOf<object>();
const policy: Policy = { timeoutMs: 1, attempts: 1, backoffMs: 1, weight: 1 };
const network = step({ name: 'network', title: 'n', run: async () => done({ networkId: 'n' }), undo: async () => gone });
const subnet = step({ name: 'subnet', title: 's', run: async (_c, needs: { network: { networkId: string } }) => done({ of: needs.network.networkId }), undo: async () => gone });
const server = step({ name: 'server', title: 'v', run: async (_c, _needs: { subnet: { of: string }; network: object }) => done({}), undo: async () => gone });

describe('a flow', () => {
  test('does not compile without what a step needs', () => {
    at(subnet, [network], policy);
    at(server, [subnet, network], policy);
    // @ts-expect-error subnet needs network
    at(subnet, [], policy);
    // @ts-expect-error server needs network too
    at(server, [subnet], policy);
    // @ts-expect-error a server is no network
    at(subnet, [server], policy);
  });

  test('refuses a need that is not listed above, and a step listed twice', () => {
    expect(() => flow('f', 'F', [at(subnet, [network], policy), at(network, [], policy)])).toThrow('needs network');
    expect(() => flow('f', 'F', [at(network, [], policy), at(network, [], policy)])).toThrow('listed twice');
  });

  test('takes needs from the operation that created the cluster', () => {
    expect(flow('f', 'F', [at(subnet, [network], policy)], [network]).given).toEqual(['network']);
  });

  test('has a step several times by keys of their own, all of them in the step\'s queue', () => {
    const again = named(after(at(network, [], policy), at(network, [], policy)), 'again', 'The network once more');
    const twice = flow('f', 'F', [at(network, [], policy), again]);
    const records = recordsOf(twice, { id: 'o' } as Operation);
    expect(records.map(({ key, step: of, title, needs }) => ({ key, of, title, needs }))).toEqual([
      { key: 'network', of: 'network', title: 'n', needs: [] },
      { key: 'network:again', of: 'network', title: 'The network once more', needs: ['network'] },
    ]);
    expect(['network', 'network:again', 'network:undo'].map(stepOf)).toEqual(['network', 'network', 'network']);
  });

  test('undone runs backwards: everything after all that was built on it', () => {
    const made = [at(network, [], policy), at(subnet, [network], policy), at(server, [subnet, network], policy)];
    const first = undoing(step({ name: 'volumes', title: 'v', run: async () => done({}), undo: async () => gone }), [], policy);
    const nodes = undo(made, [first], policy);
    expect(nodes.map(({ key, needs }) => [key, needs])).toEqual([
      ['server:undo', ['volumes:undo']],
      ['subnet:undo', ['volumes:undo', 'server:undo']],
      ['network:undo', ['volumes:undo', 'subnet:undo', 'server:undo']],
    ]);
    expect(() => flow('f', 'F', [first, ...nodes])).not.toThrow();
    expect(after(nodes[0]!, first).needs).toEqual(['volumes:undo']);
  });
});
