import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceRouter } from '../../../functions/steps/service-router.ts';
import { nameOf } from '../../../layers/cluster/names.ts';
import * as neutron from '../../../layers/openstack/neutron.ts';
import { openSession, type Session } from '../../../layers/openstack/session.ts';
import type { Person } from '../../../local/demo/user.ts';
import { startCloud, type Cloud } from '../../../local/openstack/cloud.ts';

let cloud: Cloud;
let service: Session;
let external: string;
let needs: { serviceProject: { projectId: string }; serviceNetwork: { subnetId: string } };
const cluster = { id: '3NsvRrbmWpeGPfLgUrVRpcQDZ0A' };

beforeAll(async () => {
  cloud = await startCloud({ scale: 1_000, seed: 3 });
  const { username, password, userDomainName, projectName, projectDomainName } = cloud.credentials.demo as Person;
  service = openSession({ authUrl: cloud.authUrl, credential: { username, password, userDomainName }, scope: { projectName, projectDomainName } });
  [external] = (await neutron.listNetworks(service, { 'router:external': true })).map(({ id }) => id) as [string];
  const network = await neutron.createNetwork(service, { name: 'service' });
  const subnet = await neutron.createSubnet(service, { name: 'service', network_id: network.id, ip_version: 4, cidr: '100.96.0.0/20' });
  needs = { serviceProject: { projectId: network.project_id }, serviceNetwork: { subnetId: subnet.id } };
});
afterAll(() => cloud.close());

const run = () => serviceRouter.run({ service, cluster, settings: { externalNetwork: external } } as unknown as Parameters<typeof serviceRouter.run>[0], needs);

test('a router whose create failed half way gets the gateway that it lacks; nothing is made twice', async () => {
  const { id } = await neutron.createRouter(service, { name: nameOf(cluster.id), project_id: needs.serviceProject.projectId });
  for (const _ of ['first', 'again']) {
    expect(await run()).toMatchObject({ kind: 'done', output: { routerId: id } });
    expect(await neutron.listRouters(service, { name: nameOf(cluster.id) })).toMatchObject([{ id, external_gateway_info: { network_id: external } }]);
    expect(await neutron.listPorts(service, { device_id: id, device_owner: 'network:router_interface' })).toHaveLength(1);
  }
});
