import { describe, expect, test } from 'vitest';
import { capacityProblems, quotaProblems } from '../../../layers/admission/room.ts';
import { publicImages, type CloudFacts } from '../../../layers/admission/cloud-facts.ts';
import { cloudProblems } from '../../../layers/admission/cloud-rules.ts';
import { allowListProblems, clusterProblems } from '../../../layers/admission/cluster-rules.ts';
import { labelProblems, taintProblems } from '../../../layers/admission/kubernetes-rules.ts';
import type { Problem } from '../../../layers/admission/problem.ts';
import { clusterWish, pathsOf, scaleOf } from '../../../layers/admission/read-request.ts';
import { clusterRecords } from '../../../layers/admission/records.ts';
import type { Call } from '../../../layers/openstack/call.ts';
import { readSettings } from '../../../layers/platform/settings.ts';
import type { ClusterCreate } from '../../../schemas/generated/types.ts';

const settings = readSettings({ OS_AUTH_URL: 'x', OS_USERNAME: 'x', OS_PASSWORD: 'x', EXTERNAL_NETWORK: 'x' });
const body: ClusterCreate = {
  name: 'prod', version: 'v1.34.2', master_spec: { engine: { nova_engine: { flavor_id: 'f' } }, replicas: 1 },
  deployment_type: { zonal_deployment: { zone: 'a' } },
  network_config: { plugin: { calico: {} }, engine: { sprut_engine: { network_id: 'n', subnet_id: 's',
    external_network_id: 'x' } } },
  load_balancer_config: { octavia_engine: { enable_public_ip: true } },
};
const subnet = (id: string, cidr: string, more: object = {}) => [id, {
  id, cidr, network_id: 'n', ip_version: 4, gateway_ip: cidr.replace('.0/', '.1/').split('/')[0], dns_nameservers: [],
  allocation_pools: [{ start: '10.1.0.2', end: '10.1.0.11' }], ...more,
}] as const;
const facts = (more: object = {}): CloudFacts => ({
  image: { id: 'i', min_disk: 5 }, flavors: new Map([['f', { id: 'f', vcpus: 2, ram: 4096 }]]),
  networks: new Map([['n', { id: 'n', 'router:external': false }], ['x', { id: 'x', 'router:external': true }]]),
  subnets: new Map([subnet('s', '10.1.0.0/24')]), zones: new Set(['a', 'b', 'c']), volumeTypes: new Set(), quota: {},
    ...more,
}) as unknown as CloudFacts;
const told = (problems: readonly Problem[]): string[] => problems.map(({ path, code }) => `${path} ${code}`);
const ruled = (change: Partial<ClusterCreate>): string[] => {
  const changed = { ...body, ...change };
  return told(clusterProblems(clusterWish(changed, settings), pathsOf(changed), settings));
};
const clouded = (change: Partial<ClusterCreate>, more: object = {}): string[] => {
  const changed = { ...body, ...change };
  return told(cloudProblems(clusterWish(changed, settings), pathsOf(changed), facts(more), settings));
};
const masters = (replicas: 1 | 3 | 5) => ({ master_spec: { ...body.master_spec, replicas } });
const zones = (...names: string[]) => ({ deployment_type: { multi_zonal_deployment: { zones: names } } });
const pods = (pods_ipv4_cidr: string) =>
  ({ network_config: { ...body.network_config, plugin: { cilium: { pods_ipv4_cidr } } } });

describe('a cluster by itself', () => {
  test.each<[string, Partial<ClusterCreate>, string[]]>([
    ['is fine as the shortest request', {}, []],
    ['is regional with three zones and masters', { ...masters(3), ...zones('a', 'b', 'c') }, []],
    ['is not regional with one master', zones('a', 'b', 'c'), ['$.master_spec.replicas not_allowed']],
    ['is not regional with two zones', { ...masters(5), ...zones('a', 'b') },
      ['$.deployment_type.multi_zonal_deployment.zones zone_count']],
    ['has each zone once', { ...masters(3), ...zones('a', 'b', 'b') },
      ['$.deployment_type.multi_zonal_deployment.zones duplicate_zone']],
    ['keeps its pods out of Services', pods('10.254.128.0/24'),
      ['$.network_config.plugin.cilium.pods_ipv4_cidr addresses_overlap']],
    ['keeps its pods out of the service network', pods('100.64.0.0/10'),
      ['$.network_config.plugin.cilium.pods_ipv4_cidr addresses_overlap']],
    ['has room for pods', pods('10.7.0.0/25'), ['$.network_config.plugin.cilium.pods_ipv4_cidr addresses_too_few']],
    ['can be reached', { load_balancer_config: { octavia_engine: { enable_public_ip: false } } },
      ['$.load_balancer_config.octavia_engine.loadbalancer_subnet_id api_unreachable']],
  ])('%s', (_, change, problems) => {
    expect(ruled(change)).toEqual(problems);
  });

  test('limits only what is public, by whole blocks', () => {
    expect(told(allowListProblems({ public: false, allowedCidrs: ['10.0.0.0/8'] }, '$'))).toEqual(['$ api_not_public']);
    const allowedCidrs = ['10.0.0.0/8', '10.0.0.1/31', '1.2.3.4/32', '0.0.0.0/0'];
    expect(told(allowListProblems({ public: true, allowedCidrs }, '$'))).toEqual(['$[1] invalid_format']);
  });
});

describe('a cluster in the cloud', () => {
  test.each<[string, Partial<ClusterCreate>, object, string[]]>([
    ['is fine', {}, {}, []],
    ['has masters that are large enough', {}, { flavors: new Map([['f', { vcpus: 1, ram: 512 }]]) },
      ['$.master_spec.engine.nova_engine.flavor_id flavor_too_small']],
    ['is not on an external network', { network_config: { ...body.network_config,
      engine: { sprut_engine: { network_id: 'x', subnet_id: 's', external_network_id: 'n' } } } }, {}, [
      '$.network_config.engine.sprut_engine.network_id network_external',
        '$.network_config.engine.sprut_engine.external_network_id external_network_unknown',
      '$.network_config.engine.sprut_engine.subnet_id subnet_elsewhere',
    ]],
    ['has a way out', {}, { subnets: new Map([subnet('s', '10.1.0.0/24', { gateway_ip: null })]) },
      ['$.network_config.engine.sprut_engine.subnet_id subnet_without_gateway']],
    ['has IPv4', {}, { subnets: new Map([subnet('s', '2001:db8::/64', { ip_version: 6 })]) },
      ['$.network_config.engine.sprut_engine.subnet_id subnet_not_ipv4']],
    ['has a network that means nothing else to its nodes', {}, { subnets: new Map([subnet('s', '100.96.4.0/24')]) },
      ['$.network_config.engine.sprut_engine.subnet_id addresses_overlap']],
    ['has the same of its API', { load_balancer_config: { octavia_engine: { enable_public_ip: true,
      loadbalancer_subnet_id: 't' } } }, { subnets: new Map([subnet('s', '10.1.0.0/24'),
      subnet('t', '10.100.3.0/24')]) },
      ['$.load_balancer_config.octavia_engine.loadbalancer_subnet_id addresses_overlap']],
    ['has addresses for its nodes', { node_groups: [{ name: 'group', vm_engine: { nova_engine: { flavor_id: 'f' } },
      scale_spec: { fixed_scale: { size: 11 } } }] }, {},
      ['$.network_config.engine.sprut_engine.subnet_id subnet_too_small']],
  ])('%s', (_, change, more, problems) => {
    expect(clouded(change, more)).toEqual(problems);
  });

  test('becomes a record with every default filled in', () => {
    const wish = clusterWish({ ...body, node_groups: [{ name: 'group', vm_engine: { nova_engine: { flavor_id: 'f' } },
      scale_spec: { fixed_scale: { size: 2 } } }] }, settings);
    const { cluster, groups } = clusterRecords(wish, { id: 'c', uuid: 'u', projectId: 'p', createdBy: 'me',
      createOperationId: 'o', now: 0 }, facts(), settings);
    expect(cluster).toMatchObject({
      id: 'c', phase: 'creating', createOperationId: 'o', imageId: 'i', regional: false, zones: ['a'],
        slots: { 0: groups[0]!.id, 1: groups[0]!.id }, groups: { group: groups[0]!.id },
      network: { plugin: 'calico', podsCidr: '10.100.0.0/16', subnetCidr: '10.1.0.0/24', gatewayIp: '10.1.0.1',
        externalNetworkId: 'x' }, api: { public: true, allowedCidrs: [] },
    });
    expect(groups).toMatchObject([{ zones: ['a'], disk: { type: '', size: 30 }, parallelUpgradeChunk: 20, labels: {},
      taints: [], nodes: [{ slot: 0, zone: 'a' }, { slot: 1, zone: 'a' }] }]);
  });
});

test('a size that is not said is kept, as far as the limits allow', () => {
  expect(scaleOf({ auto_scale: { min_size: 2, max_size: 4 } }, 3)).toEqual({ size: 3, limits: { min: 2, max: 4 } });
  expect(scaleOf({ auto_scale: { min_size: 2, max_size: 4 } }, 9)).toMatchObject({ size: 4 });
  expect(scaleOf({ auto_scale: { min_size: 2, max_size: 4 } })).toMatchObject({ size: 2 });
});

describe('labels and taints', () => {
  test.each([
    ['a', 'b', []], ['example.com/a', '', []], ['node.kubernetes.io/pool', 'x', []], ['a_B.c-1', '1.2_3-x', []],
    ['kubernetes.io/a', 'b', ['reserved_label']], ['node-role.kubernetes.io/worker', '', ['reserved_label']],
      ['x.k8s.io/a', '', ['reserved_label']],
    ['a/b/c', '', ['invalid_label_key']], ['/a', '', ['invalid_label_key']], ['-a', '', ['invalid_label_key']],
      ['Example.com/a', '', ['invalid_label_key']],
    ['a'.repeat(64), '', ['invalid_label_key']], ['a', '-b', ['invalid_label_value']],
      ['a', 'x'.repeat(64), ['invalid_label_value']],
  ])('%s=%s', (key, value, codes) => {
    expect(labelProblems({ [key]: value }, '$.labels').map(({ code }) => code)).toEqual(codes);
  });

  test('a taint is there once for each effect', () => {
    const taint = { key: 'a', value: '', effect: 'NoSchedule' } as const;
    expect(taintProblems([taint, { ...taint, effect: 'NoExecute' }, { ...taint, value: 'x' }],
      '$.taints')).toMatchObject([{ path: '$.taints[2]', code: 'duplicate_taint' }]);
  });
});

describe('room', () => {
  const quota = (limit: number, used = 0, reserved = 0) => facts({ quota: { port: { limit, used, reserved } } });

  test('is what the quota leaves; no limit is room enough, and so is a limit that needs nothing of it', () => {
    expect(quotaProblems({ port: 5 }, '$', quota(10, 4, 1))).toEqual([]);
    expect(quotaProblems({ port: 6 }, '$', quota(10, 4, 1))).toMatchObject([{ code: 'quota_exceeded',
      message: 'needs 6 ports in this project; its quota of 10 leaves 5' }]);
    expect(quotaProblems({ port: 600 }, '$', quota(-1, 4))).toEqual([]);
    expect(quotaProblems({ port: 600, security_group: 1 }, '$', facts())).toEqual([]);
    expect(quotaProblems({ port: 0 }, '$', quota(3, 7))).toEqual([]);
  });

  test('is in the cloud as long as it may be', () => {
    const capacity = { count: 1, vcpus: 2, vcpus_used: 30, memory_mb: 1_000, memory_mb_used: 1_000 };
    expect(capacityProblems({ cores: 2, ramMiB: 500 }, '$', facts({ capacity }))).toEqual([]);
    expect(capacityProblems({ cores: 3, ramMiB: 501 }, '$',
      facts({ capacity })).map(({ message }) => message)).toEqual([
      'needs 3 virtual cores; the cloud has 2 left', 'needs 501 MiB of memory; the cloud has 500 left',
    ]);
    expect(capacityProblems({ cores: 3_000, ramMiB: 1 }, '$', facts())).toEqual([]);
    expect(capacityProblems({ cores: 3_000, ramMiB: 1 }, '$', facts({ capacity: { ...capacity,
      count: 0 } }))).toEqual([]);
  });
});

test('only public images count: anyone can give an image of their own the name of one of ours', async () => {
  const asked: Call[] = [];
  const request = async <T>(call: Call): Promise<T> => {
    asked.push(call);
    return { images: [] } as T;
  };
  await publicImages({ request }, { name: 'ubuntu-2404-kube-v1.34.2' });
  expect(asked).toMatchObject([{ service: 'image', query: { name: 'ubuntu-2404-kube-v1.34.2',
    visibility: 'public' } }]);
});
