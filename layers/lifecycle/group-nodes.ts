/** The nodes of a group as the steps of its flows see them. */
import { workerAddress } from '../cluster/addresses.ts';
import { markOf, nameOf, workerName } from '../cluster/names.ts';
import type { ClusterNode } from '../cluster/cluster.ts';
import type { GroupContext } from './context.ts';

export interface GroupNode extends ClusterNode {
  /** As server and as node. */
  name: string;
  /** Of its things in the user's project, where a name must tell of the cluster too. */
  outsideName: string;
  /** On the service network. */
  address: string;
}

type Of = Pick<GroupContext, 'cluster' | 'group' | 'settings'>;

const nodeOf = ({ cluster, group, settings }: Of) => (node: ClusterNode): GroupNode => ({
  ...node, name: workerName(cluster, group, node.slot), outsideName: nameOf(cluster.id, `${group.name}-${node.slot}`),
  address: workerAddress(settings.serviceSubnetCidr, node.slot),
});

/** Nodes that are to be there. */
export const stayingNodes = (of: Of): GroupNode[] => of.group.nodes.filter(({ leaving }) => !leaving).map(nodeOf(of));
/** Nodes that must be Ready before anything else happens: where nodes are replaced, only new ones, as a broken one must not keep its place. */
export const awaitedNodes = (of: Of & Pick<GroupContext, 'operation'>): GroupNode[] =>
  stayingNodes(of).filter(({ madeFor }) => of.operation.flow !== 'replaceNodes' || madeFor === of.operation.parent?.operationId);
/** Nodes that are to go. */
export const leavingNodes = (of: Of): GroupNode[] => of.group.nodes.filter(({ leaving }) => leaving).map(nodeOf(of));

/** The mark of a group's things in Neutron: one listing finds all of them. */
export const groupMark = ({ cluster, group }: Of): string => markOf(cluster.id, `group=${group.id}`);
