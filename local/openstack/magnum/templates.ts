/** Magnum's cluster templates. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import { asAttributes, asText, route, type Attributes, type Call, type Reply, type Route } from '../service.ts';
import { magnumTime, nextOrder, page, patchOf, requireNamed, type PatchItem } from './magnum.ts';
import type { MagnumTemplateRow } from './rows.ts';

const DEFAULTS: Attributes = {
  coe: 'kubernetes', image_id: null, flavor_id: null, master_flavor_id: null, keypair_id: null, external_network_id: null,
  fixed_network: null, fixed_subnet: null, dns_nameserver: '8.8.8.8', network_driver: 'flannel', volume_driver: null,
  docker_volume_size: null, docker_storage_driver: 'overlay2', server_type: 'vm', apiserver_port: null, http_proxy: null,
  https_proxy: null, no_proxy: null, labels: {}, tls_disabled: false, registry_enabled: false, insecure_registry: null,
  master_lb_enabled: false, floating_ip_enabled: true, tags: null, cluster_distro: 'fedora-coreos',
};

export function templateRoutes(core: Core): Route[] {
  const all = (call: Call): Reply => page(call, 'clustertemplates', visible(core, call), (row) => showTemplate(call, row));
  const one = (call: Call): MagnumTemplateRow => requireTemplate(core, call, call.param('id'));
  return [
    route('GET', '/v1/clustertemplates', all),
    route('GET', '/v1/clustertemplates/detail', all),
    route('POST', '/v1/clustertemplates', (call) => create(core, call)),
    route('GET', '/v1/clustertemplates/{id}', (call) => ({ status: 200, body: showTemplate(call, one(call)) })),
    route('PATCH', '/v1/clustertemplates/{id}', (call) => change(core, call, patchOf(call.body), one(call))),
    route('DELETE', '/v1/clustertemplates/{id}', (call) => {
      const row = one(call);
      if (core.state.table('magnumClusters').find(({ cluster_template_id }) => cluster_template_id === row.id)) {
        throw new Refusal(400, `ClusterTemplate ${row.id} is referenced by one or multiple clusters.`);
      }
      core.state.table('magnumTemplates').remove(row.id);
      return { status: 204 };
    }),
  ];
}

export const requireTemplate = (core: Core, call: Call, wanted: string): MagnumTemplateRow =>
  requireNamed(visible(core, call), 'ClusterTemplate', wanted);

const visible = (core: Core, { caller }: Call): Readonly<MagnumTemplateRow>[] =>
  core.state.table('magnumTemplates').list((row) => row.project_id === caller.projectId || row.public || caller.isAdmin);

function create(core: Core, call: Call): Reply {
  const given = asAttributes(call.body) ?? {};
  for (const name of ['coe', 'image_id']) {
    if (!given[name]) throw new Refusal(400, `Invalid input for field/attribute ${name}. Value: 'None'. Mandatory field missing.`);
  }
  const imageId = asText(given['image_id']);
  if (!core.state.table('images').find(({ id, name }) => id === imageId || name === imageId)) {
    throw new Refusal(400, `Unable to find image ${imageId}.`);
  }
  const { name, public: isPublic, hidden, ...rest } = given;
  const row = core.state.table('magnumTemplates').insert({
    id: core.random.uuid(), project_id: call.caller.projectId ?? '', user_id: call.caller.userId,
    name: asText(name) ?? `template-${nextOrder(core)}`, public: isPublic === true, hidden: hidden === true,
    created_at: magnumTime(), updated_at: null, spec: { ...DEFAULTS, ...rest },
  });
  return { status: 201, body: showTemplate(call, row), headers: { Location: `${call.serviceUrl}/v1/clustertemplates/${row.id}` } };
}

function change(core: Core, call: Call, patch: readonly PatchItem[], row: MagnumTemplateRow): Reply {
  const spec = { ...row.spec, ...Object.fromEntries(patch.map(({ op, path, value }) => [path.slice(1), op === 'remove' ? null : value])) };
  const { name, public: isPublic, hidden, ...rest } = spec as Attributes;
  const changed = core.state.table('magnumTemplates').update(row.id, {
    name: asText(name) ?? row.name, public: typeof isPublic === 'boolean' ? isPublic : row.public,
    hidden: typeof hidden === 'boolean' ? hidden : row.hidden, spec: rest, updated_at: magnumTime(),
  });
  return { status: 200, body: showTemplate(call, changed!) };
}

function showTemplate(call: Call, { id, spec, ...row }: MagnumTemplateRow): Attributes {
  const links = [{ rel: 'self', href: `${call.serviceUrl}/v1/clustertemplates/${id}` },
    { rel: 'bookmark', href: `${call.serviceUrl}/clustertemplates/${id}` }];
  return { uuid: id, ...spec, ...row, links };
}
