/** Nodes follow their servers: gone with them, marked while they are off. */
import type { Api } from '../kubernetes/api.ts';
import { resources, type Node } from '../kubernetes/controllers/kinds.ts';
import type { CloudView } from './cloud.ts';

const manager = { manager: 'openstack-cloud-controller-manager' };
const shutdown = { key: 'node.cloudprovider.kubernetes.io/shutdown', effect: 'NoSchedule' };

function setShutdown(api: Api, node: Node, off: boolean): void {
  const { taints = [], ...spec } = node.spec ?? {};
  if (taints.some(({ key }) => key === shutdown.key) === off) return;
  const next = off ? [...taints, shutdown] : taints.filter(({ key }) => key !== shutdown.key);
  api.patch({ resource: resources.nodes, name: node.metadata.name }, (live) =>
    ({ ...live, spec: { ...spec, ...(next.length > 0 && { taints: next }) } }), manager);
}

/** Only nodes whose provider is OpenStack are anybody's here. */
export function followServers(api: Api, view: CloudView): void {
  const servers = new Map(view.servers.map((server) => [server.id, server]));
  for (const node of api.list(resources.nodes) as Node[]) {
    const [, serverId] = /^openstack:\/\/[^/]*\/(.+)$/.exec(node.spec?.providerID ?? '') ?? [];
    if (!serverId) continue;
    const server = servers.get(serverId);
    if (!server) api.remove({ resource: resources.nodes, name: node.metadata.name });
    else setShutdown(api, node, server.status === 'SHUTOFF');
  }
}
