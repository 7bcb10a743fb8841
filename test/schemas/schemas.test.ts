import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { readDefinitions, readMagnumRoutes, readRoutes, rulesOf } from '../../schemas/generator/definitions.ts';
import { openApiDocument } from '../../schemas/generator/openapi.ts';
import { newAjv, validatorModule } from '../../schemas/generator/validators.ts';

const ajv = newAjv();
const accepts = (name: string, value: unknown): boolean => ajv.getSchema(`moorage#/$defs/${name}`)!(value) as boolean;

describe('what the second generation\'s clients send', () => {
  const cluster = {
    uuid: '1f9d4f64-7a3e-4a0e-9d0c-1f3b5f8a2b61', name: 'prod', description: '', version: 'v1.34.2', labels: {},
    master_spec: { engine: { nova_engine: { flavor_id: 'f1' } }, replicas: 3 },
    deployment_type: { multi_zonal_deployment: { zones: ['a', 'b', 'c'] } },
    network_config: {
      plugin: { cilium: { pods_ipv4_cidr: '10.0.0.0/16' } },
      engine: { sprut_engine: { network_id: 'n', subnet_id: 's', external_network_id: '' } },
    },
    load_balancer_config: { octavia_engine: { loadbalancer_subnet_id: 's', enable_public_ip: false,
      allowed_cidrs: [] } },
    insecure_registries: ['registry.local:5000'],
  };
  const spec = {
    name: 'group', vm_engine: { nova_engine: { flavor_id: 'f' } }, zones: ['a'],
      scale_spec: { auto_scale: { min_size: 1, max_size: 5, size: 2 } },
    labels: { a: 'b' }, taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }], parallel_upgrade_chunk: 20,
    disk_type: { cinder_volume_type: { type: 'fast', size: 50 } },
  };

  test('is accepted as it is', () => {
    expect(accepts('ClusterCreate', cluster)).toBe(true);
    expect(accepts('NodeGroupCreate', { cluster_id: '39UdIv4W0EegBs2EYVeGdas38do', node_group_spec: spec })).toBe(true);
    expect(accepts('NodeGroupEdit', { scale_spec: { fixed_scale: { size: 0 } } })).toBe(true);
    expect(accepts('ClusterUpgrade', { target_version: 'v1.35.0' })).toBe(true);
  });

  test.each([
    ['two deployment types', { deployment_type: { zonal_deployment: { zone: 'a' },
      multi_zonal_deployment: { zones: [] } } }],
    ['no network plugin', { network_config: { ...cluster.network_config, plugin: {} } }],
    ['an even number of masters', { master_spec: { ...cluster.master_spec, replicas: 2 } }],
    ['a name that is no DNS label', { name: 'Prod' }], ['a name that is too short', { name: 'ab' }],
      ['a name that is too long', { name: 'a'.repeat(26) }],
    ['a version without its v', { version: '1.34.2' }], ['an address block that is none',
      { load_balancer_config: { octavia_engine: { allowed_cidrs: ['10.0.0.256/8'] } } }],
    ['a field that nobody knows', { colour: 'red' }],
  ])('is refused with %s', (_, change) => {
    expect(accepts('ClusterCreate', { ...cluster, ...change })).toBe(false);
  });
});

test('a validator compiled ahead says the same as the schema, and imports nothing', async () => {
  const text = await validatorModule('ClusterUpgrade');
  expect(text).not.toMatch(/^\s*import |[^_]require\(["']/m);
  interface Validator { (value: unknown): boolean; errors?: unknown[] }
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`) as { default: Validator };
  const validate = module.default;
  expect(validate({ target_version: 'v1.35.0' })).toBe(true);
  expect(validate({ target_version: '1', more: 1 })).toBe(false);
  expect(validate.errors).toHaveLength(2);
});

test('every pattern is explained in words', () => {
  const definitions = readDefinitions();
  const patterns = [...JSON.stringify(definitions).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([,
    pattern]) => JSON.parse(pattern!) as string);
  expect(Object.keys(rulesOf(definitions)).toSorted()).toEqual([...new Set(patterns)].toSorted());
});

describe('routes', () => {
  const { routes, parameters } = readRoutes();
  const functions = parse(readFileSync(new URL('../../functions/http/functions.yml', import.meta.url),
    'utf8')) as Record<string, { events: { httpApi: string | { method: string; path: string } }[] }>;
  const deployed = Object.values(functions).flatMap(({ events }) => events).map(({ httpApi }) => httpApi);

  test('are those that are deployed, a verb at the end being part of an id', () => {
    const described = new Set(routes.map(({ method, path }) => `${method} ${path.replace(/:\w+$/, '')}`));
    const each = deployed.filter((route) => typeof route === 'object').filter(({ method }) => method !== '*');
    expect(each.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([...described].toSorted());
    expect(deployed).toContain('*');
  });

  test('of the Magnum API all reach a function of its, certificates the one that has the keys', () => {
    const { routes: magnums } = readMagnumRoutes();
    const patterns = deployed.filter((route) => typeof route === 'object' && route.method === '*')
      .map((route) => new RegExp(`^${(route as { path: string }).path.replace(/\{\w+\+\}/, '.+')}$`));
    expect(magnums.filter(({ path }) => !patterns.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(magnums.every(({ since, status }) => /^1\.\d+$/.test(since!) && status! >= 200 && status! < 300)).toBe(true);
  });

  test('name each part of their path, and only what there is', () => {
    const definitions = readDefinitions();
    for (const { path, parameters: names = [], request, answer } of routes) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const inPath = names.map((name) => parameters[name]!).filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => name)).toEqual(parts);
      for (const name of [request,
        answer].filter((each) => each !== undefined && !each.includes('/'))) expect(definitions).toHaveProperty(name!);
    }
  });

  test('that POST take an Idempotency-Key', () => {
    expect(routes.filter(({ method,
      parameters: names }) => method === 'POST' && !names?.includes('idempotencyKey'))).toEqual([]);
  });
});

test('the OpenAPI document holds together: every reference leads somewhere, every success is 200 in the second generation', () => {
  const document = openApiDocument() as { components: { schemas: object }; paths: Record<string, Record<string,
    { operationId: string; responses: object }>> };
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!);
  for (const reference of new Set(references)) {
    expect(document.components.schemas).toHaveProperty(reference.replace('#/components/schemas/', ''));
  }
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const statuses = new Map(readMagnumRoutes().routes.map(({ id, status }) => [id, String(status)]));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { responses, operationId } of operations) {
    expect(Object.keys(responses).filter((status) => status < '400')).toEqual([statuses.get(operationId) ?? '200']);
  }
});
