/** The network that floating addresses and router gateways come from, by the name or id that the operator set. */
import { TerminalError } from '../engine/failure.ts';
import { listNetworks } from '../openstack/neutron.ts';
import type { Context } from './context.ts';

const known = new Map<string, string>();

export async function externalNetworkId({ service, settings }: Pick<Context, 'service' | 'settings'>): Promise<string> {
  const wanted = settings.externalNetwork;
  const id = known.get(wanted) ?? (await listNetworks(service, { 'router:external': true })).find((network) => network.id === wanted || network.name === wanted)?.id;
  if (!id) throw new TerminalError('external_network_missing', `There is no external network "${wanted}".`, 'Set EXTERNAL_NETWORK to one that exists, then retry the operation.');
  known.set(wanted, id);
  return id;
}
