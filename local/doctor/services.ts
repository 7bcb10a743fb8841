/** The services that Moorage calls are in the catalogue, answer, and are of Zed or later. */
import * as cinder from '../../layers/openstack/cinder.ts';
import { isOpenStackError, type Service } from '../../layers/openstack/error.ts';
import * as glance from '../../layers/openstack/glance.ts';
import * as neutron from '../../layers/openstack/neutron.ts';
import * as nova from '../../layers/openstack/nova.ts';
import * as octavia from '../../layers/openstack/octavia.ts';
import type { Session } from '../../layers/openstack/session.ts';
import { missing, ok, type Check } from './check.ts';

const services: { service: Service; name: string; version?: string; call(session: Session): Promise<unknown> }[] = [
  { service: 'compute', name: 'Nova', version: nova.NOVA_MICROVERSION, call: nova.listAvailabilityZones },
  { service: 'network', name: 'Neutron', call: (session) => neutron.listNetworks(session, { 'router:external': true }) },
  { service: 'block-storage', name: 'Cinder', version: cinder.CINDER_MICROVERSION, call: cinder.listVolumeTypes },
  { service: 'load-balancer', name: 'Octavia', call: (session) => octavia.listLoadBalancers(session) },
  { service: 'image', name: 'Glance', call: (session) => glance.listImages(session, { visibility: 'public', status: 'active', name: 'none' }) },
];

export const serviceChecks: Check[] = services.map(({ service, name, version, call }) => ({
  title: name,
  async look({ project, cloud }) {
    try {
      await call(project);
    } catch (error) {
      if (isOpenStackError(error, 0, 'EndpointNotFound')) {
        return missing(`is not in the catalogue of ${cloud.regionName}`,
          `openstack service create --name ${name.toLowerCase()} ${service}`,
          `openstack endpoint create --region ${cloud.regionName} ${service} public URL`);
      }
      if (isOpenStackError(error, 406)) return missing(`does not know microversion ${version}: it is older than Zed`, `# upgrade ${name}`);
      throw error;
    }
    return ok(version ? `answers, microversion ${version}` : 'answers');
  },
  type: () => [`# see why ${name} does not answer: its log, and`, `openstack catalog show ${service}`],
}));
