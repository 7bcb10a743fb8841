/** `POST /servers`: what Nova checks before it says 202. */
import { nextNumber, timestamp, type Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { FlavorRow, ServerRow } from './rows.ts';
import { asAttributes, asText, asTexts, within, type Attributes, type Call, type Reply } from '../service.ts';
import { ZONES } from './nova.ts';
import { requireServerQuota } from './quotas.ts';
import { beginBuild } from './server-build.ts';
import { requestedDisks } from './server-disks.ts';
import { requestedNetworks } from './server-networks.ts';
import { invalid } from './invalid.ts';
import { minorVersion } from './version.ts';

/** Attributes, and the microversion that brought them. */
const SINCE: Record<string, number> = {
  'name': 1, 'flavorRef': 1, 'imageRef': 1, 'networks': 1, 'block_device_mapping_v2': 1, 'block_device_mapping': 1,
  'user_data': 1, 'config_drive': 1, 'metadata': 1, 'availability_zone': 1, 'key_name': 1, 'security_groups': 1,
  'adminPass': 1, 'accessIPv4': 1, 'accessIPv6': 1, 'min_count': 1, 'max_count': 1, 'return_reservation_id': 1,
  'OS-DCF:diskConfig': 1, 'os:scheduler_hints': 1, 'OS-SCH-HNT:scheduler_hints': 1, 'description': 19, 'tags': 52,
  'trusted_image_certificates': 63, 'host': 74, 'hypervisor_hostname': 74, 'hostname': 90,
};
const USER_DATA_LIMIT = 65_535;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function createServer(core: Core, call: Call): Reply {
  const given = within(call.body, 'server');
  if (!given) throw new Refusal(400, '\'server\' is a required property');
  checkShape(call, given);
  if (call.caller.projectId === null) {
    throw new Refusal(500,
      'Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova '
      + 'API log if possible.\n<class \'ValueError\'>');
  }
  const zone = asText(given['availability_zone']) ?? null;
  if (zone !== null && !ZONES.includes(zone)) {
    throw new Refusal(400, 'The requested availability zone is not available');
  }
  const imageId = imageOf(core, given);
  const flavor = requireFlavor(core, given);
  const networks = requestedNetworks(core, call.caller, given['networks']);
  const groupId = groupOf(core, call);
  requireServerQuota(core, call.caller.projectId, flavor);
  const server = core.state.table('servers').insert({
    ...newServer(core, call, given), flavor_id: flavor.id, image_id: imageId, group_id: groupId, networks,
    availability_zone: zone ?? ZONES[core.random.between(0, ZONES.length - 1)] ?? null,
    devices: requestedDisks(core, call, given['block_device_mapping_v2']),
  });
  beginBuild(core, server);
  const links = [
    { rel: 'self', href: `${call.serviceUrl}/servers/${server.id}` },
    { rel: 'bookmark', href: `${call.serviceUrl.replace(/\/v2\.1$/, '')}/servers/${server.id}` },
  ];
  return {
    status: 202,
    body: {
      server: {
        'id': server.id, links, 'OS-DCF:diskConfig': 'MANUAL', 'security_groups': [{ name: 'default' }],
        'adminPass': core.random.hex(12),
      },
    },
    headers: { Location: `${call.serviceUrl}/servers/${server.id}` },
  };
}

function newServer(core: Core, call: Call, given: Attributes): Omit<ServerRow, 'flavor_id' | 'image_id' | 'group_id'
  | 'networks' | 'availability_zone' | 'devices'> {
  const now = timestamp();
  return {
    id: core.random.uuid(), name: asText(given['name']) ?? '', project_id: call.caller.projectId ?? '',
    user_id: call.caller.userId, status: 'BUILD', vm_state: 'building', task_state: 'scheduling', power_state: 0,
    metadata: (asAttributes(given['metadata']) ?? {}) as Record<string, string>, tags: asTexts(given['tags']) ?? [],
    user_data: asText(given['user_data']) ?? null, key_name: asText(given['key_name']) ?? null,
    config_drive: given['config_drive'] === true || /^true$/i.test(String(given['config_drive'])),
    description: asText(given['description']) ?? null, fault: null, doom: null, created: now, updated: now,
    launched_at: null, requestId: call.globalRequestId, order: nextNumber(core, 'serverOrder'),
  };
}

/** What the JSON schema of this microversion refuses. */
function checkShape(call: Call, given: Attributes): void {
  const minor = minorVersion(call);
  const unknown = Object.keys(given).find((key) => (SINCE[key] ?? Infinity) > minor);
  const required = ['name', 'flavorRef', ...(minor >= 37 ? ['networks'] : [])].find((key) => given[key] === undefined);
  if (unknown !== undefined) {
    throw invalid('server', given, `Additional properties are not allowed ('${unknown}' was unexpected)`);
  }
  if (required !== undefined) throw invalid('server', given, `'${required}' is a required property`);
  const name = given['name'];
  if (typeof name !== 'string' || name.trim() === '') throw invalid('name', name, `'${String(name)}' is too short`);
  if (name.length > 255) throw invalid('name', name, `'${name}' is too long`);
  const userData = given['user_data'];
  if (typeof userData === 'string' && userData.length > USER_DATA_LIMIT) {
    throw invalid('user_data', userData, `'${userData}' is too long`);
  }
  if (userData != null && !(typeof userData === 'string' && BASE64.test(userData.replaceAll(/\s/g, '')))) {
    throw invalid('user_data', userData, `'${String(userData)}' is not a 'base64'`);
  }
  const tag = asTexts(given['tags'])?.find((one) => !/^[^,/]{1,60}$/.test(one));
  if (tag !== undefined) throw invalid('0', tag, `'${tag}' does not match '^[^,/]*$'`);
  const metadata = Object.entries(asAttributes(given['metadata']) ?? {}).find(([, value]) => typeof value !== 'string'
    || value.length > 255);
  if (metadata) throw invalid(metadata[0], metadata[1], `${JSON.stringify(metadata[1])} is not of type 'string'`);
}

function imageOf(core: Core, given: Attributes): string | null {
  const disks = given['block_device_mapping_v2'];
  const imageRef = asText(given['imageRef']) ?? '';
  if (imageRef === '') {
    if (Array.isArray(disks) && disks.length > 0) return null;
    throw new Refusal(400, 'Missing imageRef attribute');
  }
  if (core.state.table('images').get(imageRef)) return imageRef;
  throw new Refusal(400, 'Can not find requested image');
}

function requireFlavor(core: Core, given: Attributes): FlavorRow {
  const id = String(given['flavorRef']).split('/').at(-1) ?? '';
  const flavor = core.state.table('flavors').get(id);
  if (!flavor) throw new Refusal(400, `Flavor ${id} could not be found.`);
  return flavor;
}

function groupOf(core: Core, call: Call): string | null {
  const hints = within(call.body, 'os:scheduler_hints') ?? within(call.body, 'OS-SCH-HNT:scheduler_hints');
  const id = asText(hints?.['group']);
  if (id === undefined) return null;
  const group = core.state.table('serverGroups').get(id);
  if (group && (call.caller.isAdmin || group.project_id === call.caller.projectId)) return id;
  throw new Refusal(400, `Instance group ${id} could not be found.`);
}

