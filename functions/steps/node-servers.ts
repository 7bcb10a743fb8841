/** The nodes' servers, booted from cloud-init data alone; they join by themselves once the control plane lets them. */
import { markMetadata, markOf, workerName } from '../../layers/cluster/names.ts';
import { gone, type Outcome } from '../../layers/engine/step.ts';
import { workerUserData } from '../../layers/kubernetes/cloud-init.ts';
import { certificatesOf, specOf, userKube } from '../../layers/lifecycle/cluster-kube.ts';
import { groupStep, isWaiting, type GroupContext } from '../../layers/lifecycle/context.ts';
import { leavingNodes, stayingNodes, type GroupNode } from '../../layers/lifecycle/group-nodes.ts';
import { ensureJoinToken } from '../../layers/lifecycle/join-token.ts';
import { ensureServers, removeServers } from '../../layers/lifecycle/servers.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { changeNodeGroup } from '../../layers/store/node-groups.ts';
import type { ParentPorts } from './parent-ports.ts';
import type { UserPorts } from './user-ports.ts';

interface Needs {
  nodeServerGroup: { groupId: string };
  parentPorts: ParentPorts;
  userPorts: UserPorts;
  trunks: { vlanId: number };
  nodeVolumes: Record<string, string>;
  certificates: { issued: boolean };
}

export const nodeServers = groupStep({
  name: 'nodeServers',
  title: 'Nodes',
  async run(context, needs: Needs) {
    const { service, cluster, group, record } = context;
    const [userData, nodes] = [await userDataOf(context, needs), stayingNodes(context)];
    const outcome = await ensureServers(service, nodes.map((node) => ({
      name: node.name, groupId: needs.nodeServerGroup.groupId,
      body: () => ({
        name: node.name, flavorRef: group.flavorId, networks: [{ port: needs.parentPorts.ports[node.name]!.id }], config_drive: true,
        availability_zone: node.zone,
        block_device_mapping_v2: [{ uuid: needs.nodeVolumes[`${node.name}-boot`]!, source_type: 'volume', destination_type: 'volume', boot_index: 0, delete_on_termination: false }],
        user_data: userData(node), metadata: { ...markMetadata(cluster.id), moorage_group: group.id }, tags: [markOf(cluster.id)],
      }),
    })), isWaiting(record));
    if (outcome.kind === 'done') await remember(context, outcome.output, needs.userPorts);
    return outcome;
  },
  async undo(context) {
    const leaving = leavingNodes(context);
    const outcome = await removeServers(context.service, leaving.map(({ name }) => name));
    return outcome.kind === 'wait' ? outcome : forgetNodes(context, leaving);
  },
});

/** Which server a node is, and where: by either users of the Magnum API know it. */
async function remember({ cluster, group, now }: GroupContext, servers: Record<string, string>, { ports }: UserPorts): Promise<void> {
  await changeNodeGroup(group.id, (current) => {
    const nodes = current.nodes.map((node) => {
      const name = workerName(cluster, current, node.slot);
      return { ...node, ...(servers[name] && { serverId: servers[name] }), ...(ports[name] && { address: ports[name].address }) };
    });
    return JSON.stringify(nodes) === JSON.stringify(current.nodes) ? undefined : { nodes };
  }, now());
}

async function userDataOf({ cluster, group, settings }: GroupContext, { parentPorts, userPorts, trunks }: Needs): Promise<(node: GroupNode) => string> {
  const [{ user }, bootstrapToken] = await Promise.all([certificatesOf(cluster.id), ensureJoinToken(group)]);
  const prefix = (cidr: string) => Number(cidr.split('/')[1]);
  const { subnetCidr, gatewayIp, dnsServers } = cluster.network;
  return ({ name, address, zone }) => {
    const port = userPorts.ports[name]!;
    return workerUserData({
      spec: specOf(cluster, settings), caPem: user.ca.certPem, name, bootstrapToken, zone, region: settings.regionName,
      nodeGroup: { id: group.id, name: group.name }, labels: group.labels, taints: group.taints,
      network: {
        parent: { macAddress: parentPorts.ports[name]!.mac, address, prefixLength: prefix(settings.serviceSubnetCidr), mtu: parentPorts.mtu },
        user: {
          macAddress: port.mac, vlanId: trunks.vlanId, address: port.address, prefixLength: prefix(subnetCidr), mtu: userPorts.mtu, dnsServers,
          ...(gatewayIp && { gateway: gatewayIp }),
        },
      },
    });
  };
}

/** Takes the nodes out of the cluster's list, unless the cluster goes as a whole. */
async function forgetNodes({ cluster }: GroupContext, nodes: readonly GroupNode[]): Promise<Outcome<undefined>> {
  if (cluster.phase === 'deleting' || !cluster.addresses.external) return gone;
  const kube = await userKube(cluster, cluster.addresses.external);
  try {
    await Promise.all(nodes.map(({ name }) => kube.remove(`/api/v1/nodes/${name}`)));
    return gone;
  } finally {
    kube.close();
  }
}

export const handler = stepFunction(nodeServers);
