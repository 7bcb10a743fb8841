/** Who owns which fields after a change, and what server-side apply makes of an object. */
import { ApiError } from './api-error.ts';
import { describePath, fieldsOf, fromTree, pathText, removeAt, toTree, valueAt, type FieldPath,
  type FieldSet } from './field-set.ts';
import { itemKey, isAtomicObject, listTypeOf } from './list-types.ts';
import { isRecord, sameJson, type Json, type KubeObject, type ManagedFields, type SentObject } from './objects.ts';

export interface ApplyOptions { manager: string; force: boolean; custom: boolean; now: string }

interface Manager { entry: Omit<ManagedFields, 'fieldsV1'>; fields: FieldSet }

const managersOf = (object: KubeObject | undefined): Manager[] =>
  (object?.metadata.managedFields ?? []).map(({ fieldsV1, ...entry }) => ({ entry, fields: fromTree(fieldsV1) }));

const withManagers = <T extends SentObject>(object: T, managers: Manager[]): T => ({
  ...object,
  metadata: {
    ...object.metadata,
    managedFields: managers.filter(({ fields }) => fields.size > 0)
      .map(({ entry, fields }) => ({ ...entry, fieldsV1: toTree(fields) })),
  },
});

/** The config laid over the live value: objects by field, lists by their keys, everything else replaced. */
function overlay(live: unknown, config: unknown, path: FieldPath, custom: boolean): unknown {
  if (isRecord(config) && isRecord(live) && !isAtomicObject(path, custom)) {
    const merged: Json = { ...live };
    for (const [name, value] of Object.entries(config)) merged[name] = overlay(live[name], value,
      [...path, `f:${name}`], custom);
    return merged;
  }
  if (Array.isArray(config) && Array.isArray(live)) return overlayList(live, config, path, custom);
  return structuredClone(config);
}

/** Items of the config in its order, in place of those with the same key; new ones at the end. */
function overlayList(live: unknown[], config: unknown[], path: FieldPath, custom: boolean): unknown[] {
  const list = listTypeOf(path, config.length > 0 ? config : live, custom);
  if (list.type === 'atomic' || config.length === 0) return structuredClone(config);
  if (list.type === 'set') return [...live, ...config.filter((item) => !live.some((other) => sameJson(item, other)))];
  const key = (item: unknown): string => itemKey(item as Json, list.keys);
  const wanted = new Map(config.map((item) => [key(item), item]));
  const kept = live.map((item) => {
    const found = wanted.get(key(item));
    wanted.delete(key(item));
    return found === undefined ? item : overlay(item, found, [...path, key(item)], custom);
  });
  return [...kept, ...structuredClone([...wanted.values()])];
}

function requireNoConflict(conflicts: { manager: Manager; path: FieldPath }[]): void {
  if (conflicts.length === 0) return;
  const causes = conflicts.map(({ manager: { entry }, path }) => ({
    reason: 'FieldManagerConflict', message: `conflict with "${entry.manager}" using ${entry.apiVersion}`,
      field: describePath(path),
  }));
  const text = causes.map(({ message, field }) => `${message}: ${field}`).join('\n');
  const plural = causes.length === 1 ? '' : 's';
  throw new ApiError(409, 'Conflict', `Apply failed with ${causes.length} conflict${plural}: ${text}`, { causes });
}

/**
 * The object as `manager` wants it: what the config names is set,
   what the manager named before and names no longer goes
 * unless somebody else owns it, everything else stays. Throws 409 when somebody else owns a field with another value.
 */
export function applyConfig(live: KubeObject | undefined, config: SentObject, options: ApplyOptions): SentObject {
  const { manager, force, custom, now } = options;
  const wanted = fieldsOf(config, custom);
  const managers = managersOf(live);
  const isOwn = ({ entry }: Manager): boolean =>
    entry.manager === manager && entry.operation === 'Apply' && !entry.subresource;
  const others = managers.filter((other) => !isOwn(other));
  const conflicts = others.flatMap((other) => [...wanted].flatMap(([text, path]) =>
    other.fields.has(text) && path.at(-1) !== '.'
      && !sameJson(valueAt(live!, path), valueAt(config, path)) ? [{ manager: other, text, path }] : []));
  if (!force) requireNoConflict(conflicts);
  for (const { manager: other, text } of conflicts) other.fields.delete(text);
  const result = overlay(live ?? {}, config, [], custom) as SentObject;
  const previous = managers.find(isOwn);
  const before = previous?.fields ?? new Map();
  const dropped = [...before.values()].filter((path) => !wanted.has(pathText(path)) && !isOwnedByAny(path, others));
  // Deepest first: an item goes only when nothing that others own is left in it.
  for (const path of dropped.toSorted((one, other) =>
    other.length - one.length)) if (!holdsOwned(path, others)) removeAt(result, path);
  const entry = { manager, operation: 'Apply', apiVersion: config.apiVersion!, time: now,
    fieldsType: 'FieldsV1' } as const;
  const same = before.size === wanted.size && [...before.keys()].every((text) => wanted.has(text));
  const own = previous && same ? previous : { entry, fields: wanted };
  return withManagers(result, [...others, own]);
}

const isOwnedByAny = (path: FieldPath, managers: Manager[]): boolean =>
  managers.some(({ fields }) => fields.has(pathText(path)));
/** Whether somebody owns something inside the item that this path ends with. */
function holdsOwned(path: FieldPath, managers: Manager[]): boolean {
  if (path.at(-1) !== '.') return false;
  const inside = pathText(path.slice(0, -1));
  return managers.some(({ fields }) => [...fields.keys()].some((text) => text.startsWith(inside)));
}

/** Who owns what after somebody wrote the object as a whole: what they changed is theirs alone,
  what is gone is nobody's. */
export function ownChanges(live: KubeObject | undefined, written: SentObject, options: Omit<ApplyOptions,
  'force'>): SentObject {
  const { manager, custom, now } = options;
  const after = fieldsOf(written, custom);
  const changed: FieldSet = new Map([...after].filter(([, path]) =>
    path.at(-1) === '.' ? valueAt(live ?? {}, path) === undefined
      : !sameJson(live && valueAt(live, path), valueAt(written, path))));
  const managers = managersOf(live);
  for (const { fields } of managers) for (const text of fields.keys()) if (!after.has(text)
    || changed.has(text)) fields.delete(text);
  if (changed.size > 0) {
    const own = managers.find(({ entry }) =>
      entry.manager === manager && entry.operation === 'Update' && !entry.subresource);
    const entry = { manager, operation: 'Update', apiVersion: written.apiVersion!, time: now,
      fieldsType: 'FieldsV1' } as const;
    if (own) own.entry = entry;
    const fields = own?.fields ?? new Map() as FieldSet;
    for (const [text, path] of changed) fields.set(text, path);
    if (!own) managers.push({ entry, fields });
  }
  return withManagers(written, managers);
}
