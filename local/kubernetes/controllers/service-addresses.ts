/** Addresses and node ports of Services. */
import type { Control, Controller } from './control.ts';
import { resources } from './kinds.ts';

interface ServiceSpec { type?: string; clusterIP?: string; clusterIPs?: string[]; ports?: { port: number; nodePort?: number }[] }

const firstNodePort = 30000;

interface Service { metadata: { name: string; namespace?: string }; spec: ServiceSpec }

function freeAddress(cidr: string, used: ReadonlySet<string | undefined>): string {
  const base = cidr.split('/')[0]!.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  for (let index = 1; ; index += 1) {
    const address = [24, 16, 8, 0].map((shift) => Math.floor((base + index) / 2 ** shift) % 256).join('.');
    if (!used.has(address)) return address;
  }
}

const isKubernetes = ({ metadata: { name, namespace } }: Service): boolean =>
  name === 'kubernetes' && namespace === 'default';
const needsPorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
const isComplete = ({ spec }: Service): boolean => spec.type === 'ExternalName'
  || (spec.clusterIP !== undefined && (!needsPorts(spec) || (spec.ports ?? [])
    .every(({ nodePort }) => nodePort !== undefined)));

function completed(spec: ServiceSpec, others: readonly Service[], serviceCidr: string): ServiceSpec {
  const usedPorts = new Set(others.flatMap((other) => (other.spec.ports ?? []).map(({ nodePort }) => nodePort)));
  const nextPort = (): number => {
    let port = firstNodePort;
    while (usedPorts.has(port)) port += 1;
    usedPorts.add(port);
    return port;
  };
  const clusterIP = spec.clusterIP ?? freeAddress(serviceCidr, new Set(others.map((other) => other.spec.clusterIP)));
  const ports = spec.ports?.map((port) =>
    needsPorts(spec) && port.nodePort === undefined ? { ...port, nodePort: nextPort() } : port);
  return { ...spec, clusterIP, clusterIPs: [clusterIP], ...(ports && { ports }) };
}

/** Gives every Service what it lacks. `default/kubernetes` has the first address of the range. */
export function serviceAddresses(serviceCidr: string): Controller {
  return function serviceAddress({ api }: Control): void {
    const services = (): Service[] => api.list(resources.services) as unknown as Service[];
    const incomplete = services().filter((service) => !isComplete(service));
    for (const { metadata: { namespace, name }, spec } of [...incomplete.filter(isKubernetes),
      ...incomplete.filter((one) => !isKubernetes(one))]) {
      const next = completed(spec, services(), serviceCidr);
      api.patch({ resource: resources.services, namespace, name }, (live) =>
        ({ ...live, spec: next }), { manager: 'kube-apiserver' });
    }
  };
}
