/**
 * Names are identities: set in the create call, they find again what a crash made us forget. OpenStack does not keep
 * them unique, so the oldest of a name counts and the rest are reported.
 */
import type { Cluster, NodeGroup } from './cluster.ts';

/**
 * The mark on everything that belongs to a cluster; `part` narrows it down. In Neutron it is the description, which
 * unlike tags is set in the create call and can be asked for; in Octavia, Nova and Keystone a tag.
 */
export const markOf = (clusterId: string, part?: string): string => `moorage=${clusterId}${part ? ` ${part}` : ''}`;
/** The mark in key-value form, for servers and volumes. */
export const markMetadata = (clusterId: string): { moorage: string } => ({ moorage: clusterId });

/** `moorage-<cluster>-<noun>`: every thing of which a cluster has one. Also the service project's, without a noun. */
export const nameOf = (clusterId: string, noun?: string): string => `moorage-${clusterId}${noun ? `-${noun}` : ''}`;

/** A master's name as server and as node. */
export const masterName = (cluster: Cluster, index: number): string => `${cluster.name}-master-${index}`;
/** A worker's name as server and as node. */
export const workerName = (cluster: Cluster, group: NodeGroup, slot: number): string => `${cluster.name}-${group.name}-${slot}`;

/** Names of what the OpenStack cloud controller makes for a Service begin so. Source: cloud-provider-openstack, `GetLoadBalancerName`. */
export const standardLoadBalancerPrefix = (clusterId: string): string => `kube_service_${clusterId}_`;
