/** Cinder's volume types. */
import type { Core } from '../core.ts';
import { Refusal } from '../refusal.ts';
import type { VolumeTypeRow } from './rows.ts';
import { route, type Call, type Route } from '../service.ts';

export function volumeTypeRoutes(core: Core): Route[] {
  const table = core.state.table('volumeTypes');
  return [
    route('GET', '/types', (call) =>
      ({ status: 200, body: { volume_types: table.list().map((row) => show(call, row)) } })),
    route('GET', '/types/default', (call) => ({ status: 200, body: { volume_type: show(call, defaultType(core)) } })),
    route('GET', '/types/{id}', (call) => {
      const row = table.get(call.param('id'));
      if (!row) throw new Refusal(404, `Volume type ${call.param('id')} could not be found.`);
      return { status: 200, body: { volume_type: show(call, row) } };
    }),
  ];
}

/** The type a volume gets when none is asked for. */
export function defaultType(core: Core): VolumeTypeRow {
  const row = core.state.table('volumeTypes').find(({ isDefault }) => isDefault);
  if (!row) throw new Refusal(500, 'Default volume type can not be found.');
  return row;
}

/** The type of that name or id. */
export function requireType(core: Core, asked: string): VolumeTypeRow {
  const row = core.state.table('volumeTypes').find(({ id, name }) => id === asked || name === asked);
  if (!row) throw new Refusal(404, `Volume type with name ${asked} could not be found.`);
  return row;
}

function show(call: Call, { id, name, description }: VolumeTypeRow): unknown {
  return {
    id, name, is_public: true, description, extra_specs: {},
    ...(call.caller.isAdmin && { qos_specs_id: null }), 'os-volume-type-access:is_public': true,
  };
}
