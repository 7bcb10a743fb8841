/**
 * The address plan of a service network. Addresses follow from cluster and index, so that they are known before any
 * machine exists, and a second create of the same port fails by itself.
 */
import ipaddr from 'ipaddr.js';

/** Workers of one cluster at most: the plan's space less the first 256 addresses and the broadcast. */
export const slotsIn = (cidr: string): number => 2 ** (32 - ipaddr.parseCIDR(cidr)[1]) - 256 - 1;

const offset = (cidr: string, by: number): string => {
  const [base] = ipaddr.IPv4.parseCIDR(cidr);
  const octets = base.toByteArray().reduce((sum, octet) => sum * 256 + octet, 0) + by;
  return [24, 16, 8, 0].map((shift) => Math.floor(octets / 2 ** shift) % 256).join('.');
};

export const gatewayAddress = (cidr: string): string => offset(cidr, 1);
/** The service load balancer's VIP: where workers find their control plane. */
export const apiAddress = (cidr: string): string => offset(cidr, 5);
export const masterAddress = (cidr: string, index: number): string => offset(cidr, 10 + index);
/** A worker's parent port. */
export const workerAddress = (cidr: string, slot: number): string => offset(cidr, 256 + slot);

/** Everything of the plan but the workers: the gateway, masters, and load balancers with their own ports. */
export const withoutWorkers = (cidr: string): string => `${offset(cidr, 0)}/24`;

/** Whether two CIDR blocks share an address. */
export function overlap(one: string, other: string): boolean {
  const [a, aBits] = ipaddr.parseCIDR(one);
  const [b, bBits] = ipaddr.parseCIDR(other);
  if (a.kind() !== b.kind()) return false;
  const bits = Math.min(aBits, bBits);
  return a.match([b, bits] as never);
}

/** What Neutron may give to others on the service network (load balancers' own ports): never an address of the plan. */
export const addressPool = (cidr: string): { start: string; end: string } => ({ start: offset(cidr, 32), end: offset(cidr, 254) });
