/** IPv4 arithmetic, and the allocation of addresses out of subnets. */
import ipaddr from 'ipaddr.js';
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { FixedIp, SubnetRow } from './rows.ts';

/** Neutron picks at random among the first free ones; so does this. */
const CHOICE = 16;

export function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

export function isAddress(text: unknown): text is string {
  return typeof text === 'string' && ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** First and last number of the network of a CIDR; undefined when it is none. */
export function rangeOf(cidr: string): { first: number; last: number } | undefined {
  const [address, bits] = cidr.split('/');
  if (!isAddress(address) || !/^\d{1,2}$/.test(bits ?? '') || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(toNumber(address) / size) * size;
  return { first, last: first + size - 1 };
}

export function contains(cidr: string, address: string): boolean {
  const range = rangeOf(cidr);
  return range !== undefined && toNumber(address) >= range.first && toNumber(address) <= range.last;
}

/** Claims the address; refused when it lies outside the subnet or somebody has it. */
export function takeAddress(core: Core, subnet: SubnetRow, address: string): FixedIp {
  if (!isAddress(address) || !contains(subnet.cidr, address)) {
    throw new Refusal(400, `IP address ${address} is not a valid IP for the specified subnet.`, 'InvalidIpForSubnet');
  }
  if (usedOn(core, subnet).has(toNumber(address))) {
    throw new Refusal(409, `IP address ${address} already allocated in subnet ${subnet.id}`,
      'IpAddressAlreadyAllocated');
  }
  return { subnet_id: subnet.id, ip_address: address };
}

/** A free address out of the allocation pools; 409 when there is none. */
export function pickAddress(core: Core, subnet: SubnetRow): FixedIp {
  const used = usedOn(core, subnet);
  const free: number[] = [];
  for (const { start, end } of subnet.allocation_pools) {
    for (let one = toNumber(start); one <= toNumber(end) && free.length < CHOICE; one += 1) {
      if (!used.has(one)) free.push(one);
    }
  }
  const picked = free[core.random.between(0, free.length - 1)];
  if (picked === undefined) {
    throw new Refusal(409, `No more IP addresses available on network ${subnet.network_id}.`,
      'IpAddressGenerationFailure');
  }
  return { subnet_id: subnet.id, ip_address: toAddress(picked) };
}

function usedOn(core: Core, subnet: SubnetRow): Set<number> {
  const used = new Set<number>();
  for (const port of core.state.table('ports').list(({ network_id }) => network_id === subnet.network_id)) {
    for (const { subnet_id, ip_address } of port.fixed_ips) if (subnet_id === subnet.id) used.add(toNumber(ip_address));
  }
  return used;
}
