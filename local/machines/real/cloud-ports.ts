/** Ports of 127.0.0.1 at which a cloud's APIs answer, by its own catalogue. */
import { issueToken } from '../../../layers/openstack/token.ts';
import { wireOf } from '../../../layers/openstack/call.ts';
import type { MachinesOptions } from '../machines.ts';

export async function cloudPorts({ authUrl, credential, scope }: Pick<MachinesOptions, 'authUrl' | 'credential' | 'scope'>): Promise<number[]> {
  const { catalogue } = await issueToken({ authUrl, credential, scope }, wireOf({}));
  const ports = [authUrl, ...catalogue.map(({ url }) => url)].map((text) => new URL(text))
    .filter(({ hostname }) => hostname === '127.0.0.1' || hostname === 'localhost').map(({ port, protocol }) => Number(port || (protocol === 'https:' ? 443 : 80)));
  return [...new Set(ports)];
}
