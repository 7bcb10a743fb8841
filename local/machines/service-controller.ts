/** Services of type LoadBalancer: each gets one in the user's project, with a floating address, step by step. */
import * as neutron from '../../layers/openstack/neutron.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import type { Session } from '../../layers/openstack/session.ts';
import type { Api } from '../kubernetes/api.ts';
import { isReady, resources, type Node } from '../kubernetes/controllers/kinds.ts';
import { sameJson, type KubeObject } from '../kubernetes/objects.ts';
import type { CloudAccess } from './cloud-controllers.ts';

interface ServicePort { name?: string; port: number; protocol?: string; nodePort?: number }
interface Service extends KubeObject {
  spec: { type?: string; ports?: ServicePort[]; loadBalancerSourceRanges?: string[] };
}

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';
const manager = { manager: 'openstack-cloud-controller-manager' };
const targetOf = ({ metadata: { namespace, name } }: KubeObject) => ({ resource: resources.services, namespace, name });
const pathName = ({ metadata: { namespace, name } }: KubeObject): string => `${namespace}/${name}`;
const nameOf = (clusterName: string, { metadata: { namespace, name } }: KubeObject): string =>
  `kube_service_${clusterName}_${namespace}_${name}`.slice(0, 255);

/** The address of every ready node on the user's network, with the Service's port on it. */
function membersFor(api: Api, port: ServicePort, subnetId: string | undefined): octavia.MemberCreate[] {
  return (api.list(resources.nodes) as Node[]).filter(isReady).flatMap((node) => {
    const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    return address && port.nodePort
      ? [{ name: node.metadata.name, address, protocol_port: port.nodePort, ...(subnetId && { subnet_id: subnetId }) }]
        : [];
  });
}

export class ServiceController {
  /** What each Service was last seen to have, by uid: nothing is asked while nothing changes. */
  readonly #settled = new Map<string, string>();

  /** Every Service goes as far as its load balancer lets it. */
  async step(api: Api, access: CloudAccess): Promise<void> {
    for (const service of api.list(resources.services) as Service[]) {
      const wanted = service.spec.type === 'LoadBalancer' && !service.metadata.deletionTimestamp;
      if (wanted) await this.#ensure(api, access, service);
      else if (service.metadata.finalizers?.includes(finalizer)) await this.#remove(api, access, service);
    }
  }

  async #ensure(api: Api, access: CloudAccess, service: Service): Promise<void> {
    if (!service.metadata.finalizers?.includes(finalizer)) {
      api.patch(targetOf(service), (live) =>
        ({ ...live, metadata: { ...live.metadata, finalizers: [...live.metadata.finalizers ?? [], finalizer] } }),
          manager);
    }
    const { 'member-subnet-id': memberSubnetId } = access.config.LoadBalancer ?? {};
    const ports = service.spec.ports ?? [];
    if (ports.some(({ nodePort }) => nodePort === undefined)) return;
    const state = JSON.stringify([service.spec, ports.map((port) => membersFor(api, port, memberSubnetId))]);
    if (this.#settled.get(service.metadata.uid) === state) return;
    const loadBalancer = await this.#loadBalancer(access, service);
    if (!loadBalancer || !await this.#matchPorts(api, access, service, loadBalancer)) return;
    const address = await this.#address(access, service, loadBalancer);
    api.writeStatus(targetOf(service), (status) => ({ ...status, loadBalancer: { ingress: [{ ip: address }] } }));
    this.#settled.set(service.metadata.uid, state);
  }

  /** Undefined while it is not there to be changed. */
  async #loadBalancer({ session, config, clusterName }: CloudAccess,
    service: Service): Promise<octavia.LoadBalancer | undefined> {
    const name = nameOf(clusterName, service);
    const [found] = await octavia.listLoadBalancers(session, { name });
    if (found) return found.provisioning_status === 'ACTIVE' ? found : undefined;
    const { 'subnet-id': subnetId } = config.LoadBalancer ?? {};
    await octavia.createLoadBalancer(session, {
      name, tags: [name], description: `Kubernetes external service ${pathName(service)} from cluster ${clusterName}`,
        ...(subnetId && { vip_subnet_id: subnetId }),
    });
    return undefined;
  }

  /** Whether listeners, pools and members are what the Service says; if not, one of them is changed now. */
  async #matchPorts(api: Api, { session, config, clusterName }: CloudAccess, service: Service,
    { id }: octavia.LoadBalancer): Promise<boolean> {
    const ports = service.spec.ports ?? [];
    const listeners = (await octavia.listListeners(session, { loadbalancer_id: id }));
    const surplus = listeners.find((listener) =>
      !ports.some((port) => port.port === listener.protocol_port && (port.protocol ?? 'TCP') === listener.protocol));
    if (surplus) {
      await octavia.deleteListener(session, surplus.id);
      return false;
    }
    const pools = await octavia.listPools(session, { loadbalancer_id: id });
    for (const [index, port] of ports.entries()) {
      const names = (noun: string): string => `${noun}_${index}_${nameOf(clusterName, service)}`.slice(0, 255);
      const protocol = (port.protocol ?? 'TCP') as 'TCP' | 'UDP';
      const listener = listeners.find((one) => one.protocol_port === port.port && one.protocol === protocol);
      if (!listener) {
        const allowed = service.spec.loadBalancerSourceRanges;
        await octavia.createListener(session, {
          name: names('listener'), loadbalancer_id: id, protocol, protocol_port: port.port,
            ...(allowed && { allowed_cidrs: allowed }),
        });
        return false;
      }
      const pool = pools.find((one) => one.id === listener.default_pool_id);
      if (!pool) {
        await octavia.createPool(session,
          { name: names('pool'), protocol, lb_algorithm: 'ROUND_ROBIN', listener_id: listener.id });
        return false;
      }
      if (!await this.#matchMembers(session, pool,
        membersFor(api, port, config.LoadBalancer?.['member-subnet-id']))) return false;
      if (!pool.healthmonitor_id && config.LoadBalancer?.['create-monitor'] === 'true') {
        await octavia.createHealthMonitor(session,
          { name: names('monitor'), pool_id: pool.id, type: 'TCP', delay: 60, timeout: 30, max_retries: 1 });
        return false;
      }
    }
    return true;
  }

  async #matchMembers(session: Session, { id }: octavia.Pool, wanted: octavia.MemberCreate[]): Promise<boolean> {
    const key = ({ address, protocol_port }: { address: string; protocol_port: number }): string =>
      `${address}:${protocol_port}`;
    const there = (await octavia.listMembers(session, id)).map(key).toSorted();
    if (sameJson(there, wanted.map(key).toSorted())) return true;
    await octavia.replaceMembers(session, id, wanted);
    return false;
  }

  /** Its floating address, made when it has none; the VIP where load balancers are to be internal. */
  async #address({ session, config, clusterName }: CloudAccess, service: Service,
    { vip_port_id, vip_address }: octavia.LoadBalancer): Promise<string> {
    const { 'floating-network-id': floatingNetworkId, 'internal-lb': internal } = config.LoadBalancer ?? {};
    if (internal === 'true' || !floatingNetworkId) return vip_address;
    const [found] = await neutron.listFloatingIps(session, { port_id: vip_port_id });
    const floating = found ?? await neutron.createFloatingIp(session, {
      floating_network_id: floatingNetworkId, port_id: vip_port_id,
      description: `Floating IP for Kubernetes external service ${pathName(service)} from cluster ${clusterName}`,
    });
    return floating.floating_ip_address;
  }

  /** The Service goes, or is no load balancer any more, once all that was made for it is gone. */
  async #remove(api: Api, { session, clusterName }: CloudAccess, service: Service): Promise<void> {
    const [found] = await octavia.listLoadBalancers(session, { name: nameOf(clusterName, service) });
    if (found) {
      if (found.provisioning_status.startsWith('PENDING')) return;
      for (const { id } of await neutron.listFloatingIps(session,
        { port_id: found.vip_port_id })) await neutron.deleteFloatingIp(session, id);
      await octavia.deleteLoadBalancer(session, found.id, { cascade: true });
      return;
    }
    this.#settled.delete(service.metadata.uid);
    api.writeStatus(targetOf(service), (status) => ({ ...status, loadBalancer: {} }));
    api.patch(targetOf(service), (live) =>
      ({ ...live, metadata: { ...live.metadata, finalizers: (live.metadata.finalizers ?? [])
        .filter((one) => one !== finalizer) } }), manager);
  }
}
