/** What users do with clusters over HTTP, and what they wait for. */
import { randomUUID } from 'node:crypto';
import type { Cluster, Event, NodeGroup, NodeGroupCreate, Operation } from '../../schemas/generated/types.ts';
import { ApiError, type Api } from '../../local/demo/api.ts';
import { until, type World } from './world.ts';

type GroupSpec = Partial<NodeGroupCreate['node_group_spec']> & { name: string };

export interface Wish {
  uuid?: string;
  name?: string;
  masters?: 1 | 3;
  /** Masters over three zones. */
  regional?: boolean;
  groups?: readonly GroupSpec[];
  /** Of the Kubernetes API; public and open to all when left out. */
  api?: { loadbalancer_subnet_id?: string; enable_public_ip?: boolean; allowed_cidrs?: string[] };
}

type Choices = Pick<World, 'choice' | 'version'>;

export const groupSpec = ({ choice }: Pick<World, 'choice'>, group: GroupSpec): NodeGroupCreate['node_group_spec'] => ({
  vm_engine: { nova_engine: { flavor_id: choice.flavorId } }, scale_spec: { fixed_scale: { size: 1 } }, ...group,
});

/** A request as a client would write it. */
export function clusterRequest(world: Choices, wish: Wish = {}) {
  const { uuid = randomUUID(), name = 'harbour', masters = 1, regional = false, groups = [{ name: 'berths' }], api } = wish;
  const { networkId, subnetId, externalNetworkId, flavorId, zones } = world.choice;
  return {
    uuid, name, version: world.version, description: 'of a test', labels: { purpose: 'test' },
    master_spec: { engine: { nova_engine: { flavor_id: flavorId } }, replicas: masters },
    deployment_type: regional ? { multi_zonal_deployment: { zones: zones.slice(0, 3) } } : { zonal_deployment: { zone: zones[0]! } },
    network_config: {
      plugin: { calico: { pods_ipv4_cidr: '10.100.0.0/16' } },
      engine: { sprut_engine: { network_id: networkId, subnet_id: subnetId, external_network_id: externalNetworkId } },
    },
    load_balancer_config: { octavia_engine: api ?? { enable_public_ip: true } },
    node_groups: groups.map((group) => groupSpec(world, group)),
  };
}

export const create = async (api: Api, body: object, headers?: Record<string, string>): Promise<string> =>
  (await api.call<{ id: string }>('POST', '/v2/clusters', body, headers)).id;

export const read = (api: Api, id: string): Promise<Cluster> => api.call('GET', `/v2/clusters/${id}`);

export const remove = (api: Api, id: string): Promise<unknown> => api.call('DELETE', `/v2/clusters/${id}`);

/** Resolves once the cluster has that status; throws when it says ERROR instead. */
export const whenStatus = (api: Api, id: string, status: Cluster['status']): Promise<Cluster> => until(async () => {
  const cluster = await read(api, id);
  if (cluster.status === 'ERROR' && status !== 'ERROR') throw new Error(`The cluster is in ERROR: ${JSON.stringify(cluster.error)}`);
  return cluster.status === status && cluster;
});

/** Resolves once the cluster answers 404. */
export const whenGone = (api: Api, id: string): Promise<true> => until(async () => {
  try {
    const { status, error } = await read(api, id);
    if (status === 'ERROR') throw new Error(`The delete is held: ${JSON.stringify(error)}`);
    return false;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return true;
    throw error;
  }
});

export const readGroup = async (api: Api, id: string): Promise<NodeGroup> =>
  (await api.call<{ node_group: NodeGroup }>('GET', `/v2/node-groups/${id}`)).node_group;

export const addGroup = async (api: Api, clusterId: string, spec: object, headers?: Record<string, string>): Promise<string> =>
  (await api.call<{ node_group_id: string }>('POST', '/v2/node-groups', { cluster_id: clusterId, node_group_spec: spec }, headers)).node_group_id;

/** Resolves once the group has what was asked for; throws when it says ERROR instead. */
export const whenGroupRuns = (api: Api, id: string): Promise<NodeGroup> => until(async () => {
  const group = await readGroup(api, id);
  if (group.status === 'ERROR') throw new Error(`The node group is in ERROR: ${JSON.stringify(group.error)}`);
  return group.status === 'RUNNING' && group;
});

/** The newest operation of that flow, with its steps. */
export async function operation(api: Api, clusterId: string, flow: string): Promise<Operation> {
  const { operations } = await api.call<{ operations: { id: string; flow: string }[] }>('GET', `/v2/clusters/${clusterId}/operations`);
  return api.call('GET', `/v2/clusters/${clusterId}/operations/${operations.find((one) => one.flow === flow)!.id}`);
}

export const events = async (api: Api, clusterId: string): Promise<Event[]> =>
  (await api.call<{ events: Event[] }>('GET', `/v2/clusters/${clusterId}/events?limit=1000`)).events;

/** What the API refused, as its users read it. */
export interface Refused { status: number; error: { code: string; message: string; action?: string; details?: { path: string; code: string }[] } }

/** Resolves with the refusal; throws when there was none. */
export async function refusal(asked: Promise<unknown>): Promise<Refused> {
  const answer = await asked.then((value) => ({ value }), (error: unknown) => ({ error }));
  if ('value' in answer) throw new Error(`Not refused: ${JSON.stringify(answer.value)}`);
  if (!(answer.error instanceof ApiError)) throw answer.error;
  const { status, body } = answer.error;
  return { status, ...JSON.parse(body) as Pick<Refused, 'error'> };
}
