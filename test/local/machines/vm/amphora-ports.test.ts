import { describe, expect, test } from 'vitest';
import type { Port } from '../../../../layers/openstack/neutron.ts';
import { memberPortOf, vipPortOf } from '../../../../local/machines/vm/amphora-ports.ts';
import type { Wiring } from '../../../../local/machines/real/real-cloud.ts';

const port = (id: string, network_id: string, device_id: string, pairs: string[] = [], name = `octavia-lb-vrrp-${id}`): Port =>
  ({ id, name, network_id, device_id, allowed_address_pairs: pairs.map((ip_address) => ({ ip_address })) }) as Port;

/** Every cluster has the same plan of addresses, so the same VIP, on a network of its own. */
const ports = [
  port('vip', 'service-a', 'lb-1', [], 'octavia-lb-1'),
  port('other', 'service-b', 'amphora-b', ['100.96.0.5']),
  port('own', 'service-a', 'amphora-a', ['100.96.0.5']),
  port('unbound', 'users', '', [], 'a user\'s'),
  port('members', 'users', 'amphora-a', [], ''),
];
const wiring = { ports, subnets: new Map([['users-subnet', { network_id: 'users' }], ['lost', { network_id: 'nowhere' }]]) as unknown as Wiring['subnets'] };
const vip = { vipAddress: '100.96.0.5', vipNetworkId: 'service-a' };

describe('the ports of an amphora', () => {
  test('on the network of its VIP it is the one that may bear its address', () => {
    expect(vipPortOf(vip, wiring)?.id).toBe('own');
    expect(vipPortOf({ ...vip, vipAddress: '100.96.0.6' }, wiring)).toBeUndefined();
  });

  test('on its members\' network it is the one of the same amphora', () => {
    const own = vipPortOf(vip, wiring)!;
    expect(memberPortOf(own, 'users-subnet', wiring)?.id).toBe('members');
    expect(memberPortOf(own, 'lost', wiring)).toBeUndefined();
    expect(memberPortOf(own, 'unknown', wiring)).toBeUndefined();
  });

  test('an amphora that is no server yet has no other port', () => {
    expect(memberPortOf(port('new', 'service-a', '', ['100.96.0.5']), 'users-subnet', wiring)).toBeUndefined();
  });
});
