/** What machines in namespaces see of their cloud: beside servers and load balancers, ports, networks and disks in full. */
import * as cinder from '../../../layers/openstack/cinder.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import type { Network, Port, SecurityGroup, Subnet } from '../../../layers/openstack/neutron.ts';
import type { Volume } from '../../../layers/openstack/cinder.ts';
import type { Session } from '../../../layers/openstack/session.ts';
import type { CloudView, MachinesCloud } from '../cloud.ts';
import { openStackCloud } from '../openstack-cloud.ts';

/** A Cinder volume at a server, as that server sees it. */
export interface Attachment { volumeId: string; gib: number; serverId: string; device: string; kubeVersion: string | undefined }

/** Of a volume made of an image: what the image says of itself. */
type FromImage = Volume & { volume_image_metadata?: { kube_version?: string } };

export interface Wiring {
  ports: Port[];
  subnets: Map<string, Subnet>;
  networks: Map<string, Network>;
  securityGroups: Map<string, SecurityGroup>;
  attachments: Attachment[];
  volumeIds: Set<string>;
}

export interface RealCloud extends MachinesCloud {
  wiring(view: CloudView): Promise<Wiring>;
}

/** Looked at again after this many looks even if no server and no load balancer has changed. */
const every = 8;

/** `session` is an administrator's of a project. */
export function realCloud(session: Session): RealCloud {
  const cloud = openStackCloud(session);
  let known: Wiring | undefined;
  let knownFor = '';
  let looks = 0;
  return {
    ...cloud,
    async wiring(view) {
      const { servers, loadBalancers, floatingAddresses } = view;
      const state = JSON.stringify([servers, loadBalancers.map(({ id, listeners }) => [id, listeners.length]), floatingAddresses.length]);
      looks += 1;
      if (!known || state !== knownFor || looks % every === 0) known = await read(session);
      knownFor = state;
      return known;
    },
  };
}

async function read(session: Session): Promise<Wiring> {
  const [ports, subnets, networks, groups, volumes] = await Promise.all([
    neutron.listPorts(session), neutron.listSubnets(session), neutron.listNetworks(session), neutron.listSecurityGroups(session),
    cinder.listVolumes(session, { all_tenants: true }),
  ]);
  const byId = <T extends { id: string }>(things: readonly T[]): Map<string, T> => new Map(things.map((thing) => [thing.id, thing]));
  return {
    ports, subnets: byId(subnets), networks: byId(networks), securityGroups: byId(groups), volumeIds: new Set(volumes.map(({ id }) => id)),
    attachments: (volumes as FromImage[]).flatMap(({ id, size, attachments, volume_image_metadata: image }) =>
      attachments.map(({ server_id: serverId, device }) => ({ volumeId: id, gib: size, serverId, device, kubeVersion: image?.kube_version }))),
  };
}
