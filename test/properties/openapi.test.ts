/**
 * Requests made up out of the OpenAPI document, to every operation of both APIs: none is answered 5xx, and every answer is
 * of a status and of the shape that the document says. PROPERTY_RUNS: how many for each operation.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDefinitions, readMagnumRoutes, readRoutes, type Parameter, type Route } from '../../schemas/generator/definitions.ts';
import { openApiDocument } from '../../schemas/generator/openapi.ts';
import { clusterRequest, groupSpec, startHarness, type Harness } from '../functions/http/harness.ts';
import { nearly } from './arbitrary.ts';
import { startEmptyCluster, type EmptyCluster } from './empty-cluster.ts';

const numRuns = Number(process.env.PROPERTY_RUNS || 8);
const definitions = readDefinitions();
const document = openApiDocument() as { paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>> };
const statuses = new Map(Object.values(document.paths).flatMap((methods) => Object.values(methods)).map(({ operationId, responses }) => [operationId, Object.keys(responses)]));
const [v2, v1] = [readRoutes(), readMagnumRoutes()];
const parameters = { ...v2.parameters, ...v1.parameters };

let api: Harness;
/** Of what is there, so that requests reach it. */
let names: string[] = [];
let kubernetes: EmptyCluster;
beforeAll(async () => {
  Object.assign(process.env, { CLUSTERS_PER_PROJECT: '100000', REQUESTS_PER_MINUTE: '0' });
  kubernetes = await startEmptyCluster();
  api = await startHarness();
  const { engineStore } = await import('../../layers/store/engine-store.ts');
  const { changeCluster, requireCluster } = await import('../../layers/store/clusters.ts');
  const { changeNodeGroup } = await import('../../layers/store/node-groups.ts');
  const made = await Promise.all(['harbour', 'pier-one'].map(async (name) => {
    const { json: { id } } = await api.call('POST', '/v2/clusters', { body: { ...clusterRequest(api.choice), name, node_groups: [groupSpec(api.choice)] } });
    return requireCluster(id);
  }));
  const [ready] = made;
  const groupIds = Object.values(ready!.groups);
  for (const id of groupIds) await changeNodeGroup(id, () => ({ phase: 'ready' }), Date.now());
  await changeCluster(ready!.id, () => ({ addresses: { external: kubernetes.address } }), Date.now());
  await engineStore.end((await engineStore.getOperation(ready!.createOperationId))!, 'succeeded', Date.now());
  const { replaceSecret } = await import('../../layers/store/secrets.ts');
  await replaceSecret(ready!.id, 'certificates', kubernetes.certificates);
  const { flavorId, networkId, subnetId, externalNetworkId, zones } = api.choice;
  names = [...made.flatMap(({ id, uuid, name, createOperationId }) => [id, uuid, name, createOperationId]), ...groupIds, 'berths', 'default-worker', 'default-master',
    'kubernetes-v1.34.2-zonal-1', 'lab.small', 'demo-net', api.users.demo.projectId, 'Cluster', 'v1.34.2', flavorId, networkId, subnetId, externalNetworkId, ...zones];
});
afterAll(async () => {
  kubernetes.close();
  await api.stop();
});

interface Made { path: string; body: unknown; version: string | undefined }

function requests({ path, parameters: of = [], request, since }: Route): fc.Arbitrary<Made> {
  const known = of.map((name) => parameters[name]!);
  const values = (place: Parameter['in']) => fc.record(Object.fromEntries(known.filter((each) => each.in === place).map(({ name, schema }) => [name, nearly(schema, definitions, names)])),
    place === 'path' ? {} : { requiredKeys: [] });
  const text = (value: unknown): string => encodeURIComponent(typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value));
  return fc.record({
    parts: values('path'), query: values('query'), body: request ? nearly({ $ref: `#/$defs/${request}` }, definitions, names) : fc.constant(undefined),
    version: since ? fc.constantFrom(undefined, 'container-infra latest', 'container-infra 1.14', `container-infra ${since}`, 'container-infra 1.1', 'nonsense') : fc.constant(undefined),
  }).map(({ parts, query, body, version }) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => text((parts as Record<string, unknown>)[name]) || 'x');
    const asked = Object.entries(query).map(([name, value]) => `${name}=${text(value)}`).join('&');
    return { path: `${filled}${asked ? `?${asked}` : ''}`, body, version };
  });
}

const routes = [...v2.routes, ...v1.routes];

test.each(routes.map((route) => [route.method, route.path, route] as const))('%s %s', async (method, _path, route) => {
  await fc.assert(fc.asyncProperty(requests(route), async ({ path, body, version }) => {
    const told = await api.call(method, path, { ...(body !== undefined && { body }), ...(version && { headers: { 'openstack-api-version': version } }) });
    expect(told.status, `${method} ${path} ${JSON.stringify(body)}: ${told.text}`).toBeLessThan(500);
    // A part of the path may have made another path of it.
    if (told.status !== 404 && told.status !== 405) expect(statuses.get(route.id), `${method} ${path}: ${told.text}`).toContain(String(told.status));
  }), { numRuns });
});
