import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressPool, apiAddress, gatewayAddress, masterAddress, overlap, slotsIn, withoutWorkers, workerAddress } from '../../../layers/cluster/addresses.ts';
import type { Cluster, NodeGroup } from '../../../layers/cluster/cluster.ts';
import { needsOf } from '../../../layers/cluster/needs.ts';
import { leavingNodes, newNodes } from '../../../layers/cluster/slots.ts';
import { failureOf, statusOf } from '../../../layers/cluster/status.ts';

const cidr = '100.96.0.0/20';

describe('the address plan', () => {
  test('gives everyone an address of their own inside the subnet, outside of what Neutron gives away', () => {
    const number = (address: string) => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const pool = addressPool(cidr);
    const all = [gatewayAddress(cidr), apiAddress(cidr), ...[0, 1, 2, 3, 4].map((index) => masterAddress(cidr, index)), ...Array.from({ length: slotsIn(cidr) }, (_, slot) => workerAddress(cidr, slot))];
    expect(new Set(all).size).toBe(all.length);
    for (const address of all) {
      expect(overlap(`${address}/32`, cidr)).toBe(true);
      expect(number(address) < number(pool.start) || number(address) > number(pool.end)).toBe(true);
    }
    expect(workerAddress(cidr, slotsIn(cidr) - 1)).toBe('100.96.15.254');
    // What may reach the masters: whoever is not a worker.
    for (const address of [apiAddress(cidr), masterAddress(cidr, 4), pool.start, pool.end]) expect(overlap(`${address}/32`, withoutWorkers(cidr))).toBe(true);
    for (const slot of [0, slotsIn(cidr) - 1]) expect(overlap(`${workerAddress(cidr, slot)}/32`, withoutWorkers(cidr))).toBe(false);
  });

  test('knows when blocks overlap', () => {
    expect(overlap('10.0.0.0/8', '10.10.0.0/24')).toBe(true);
    expect(overlap('10.10.0.0/24', '10.0.0.0/8')).toBe(true);
    expect(overlap('10.10.0.0/24', '10.10.1.0/24')).toBe(false);
  });
});

const cluster = (slots: Record<string, string> = {}) => ({ slots } as Cluster);
const node = (slot: number, zone: string, leaving = false) => ({ slot, zone, leaving });

describe('the nodes of a group', () => {
  test('take the lowest free slots, and even out the zones', () => {
    const made = newNodes(cluster({ 0: 'x', 2: 'x' }), { zones: ['a', 'b'], nodes: [node(0, 'a')] }, 3);
    expect(made.map(({ slot }) => slot)).toEqual([1, 3, 4]);
    expect(made.map(({ zone }) => zone).toSorted()).toEqual(['a', 'b', 'b']);
  });

  test('never share a slot, and leave from the fullest zone', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.nat(30), { maxLength: 20 }), fc.integer({ min: 1, max: 10 }), (used, count) => {
      const made = newNodes(cluster(Object.fromEntries(used.map((slot) => [slot, 'g']))), { zones: ['a', 'b', 'c'], nodes: [] }, count);
      return made.length === count && made.every(({ slot }) => !used.includes(slot)) && new Set(made.map(({ slot }) => slot)).size === count;
    }));
    expect(leavingNodes([node(0, 'a'), node(1, 'a'), node(2, 'a'), node(3, 'b')], 2)).toEqual([2, 1]);
    expect(leavingNodes([node(0, 'a'), node(1, 'a', true)], 5)).toEqual([0]);
  });
});

describe('status', () => {
  const going = { flow: 'createNodeGroup', state: 'going' as const };
  const held = { flow: 'resizeNodeGroup', state: 'held' as const, failure: { code: 'quota_exceeded', cause: 'no more', action: 'ask' } };
  test.each([
    ['PROVISIONING', 'creating', { a: going }], ['RUNNING', 'ready', {}], ['RECONCILING', 'ready', { a: going }], ['ERROR', 'ready', { a: going, b: held }],
    ['ERROR', 'creating', { b: held }], ['DELETING', 'deleting', { a: { flow: 'deleteCluster', state: 'going' as const }, b: held }],
    ['ERROR', 'deleting', { a: { ...held, flow: 'deleteCluster' } }], ['DELETED', 'deleted', {}],
  ] as const)('is %s when %s with %j', (status, phase, operations) => {
    expect(statusOf({ phase, operations })).toBe(status);
  });
  test('tells the cause of the first held operation', () => {
    expect(failureOf({ operations: { a: going, b: held } })).toEqual({ operationId: 'b', ...held.failure });
  });
});

test('a cluster needs room for as many nodes as its groups may have', () => {
  const group = { flavorId: 'w', size: 2, limits: { min: 1, max: 5 }, disk: { type: '', size: 50 }, nodes: [] } satisfies Partial<NodeGroup>;
  const sizes = (id: string) => (id === 'm' ? { vcpus: 2, ram: 4096 } : { vcpus: 4, ram: 8192 });
  expect(needsOf({ masters: { flavorId: 'm', count: 3 } }, [group], sizes, { bootDiskGiB: 30, etcdDiskGiB: 10 }))
    .toEqual({ instances: 8, cores: 26, ramMiB: 53_248, volumes: 11, gigabytes: 370, serverGroups: 2 });
});
