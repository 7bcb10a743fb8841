/** The patches that are not server-side apply: JSON merge patch, JSON patch, strategic merge patch. */
import { badRequest } from './api-error.ts';
import { isAtomicObject, itemKey, listTypeOf } from './list-types.ts';
import { isRecord, sameJson, type Json } from './objects.ts';

/** RFC 7396: null takes a field away, lists are replaced. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return structuredClone(patch);
  const merged: Json = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/** Like a merge patch, but lists with keys are merged item by item; `$patch: delete` takes an item away. */
export function strategicPatch(target: unknown, patch: unknown, custom: boolean,
  path: readonly string[] = []): unknown {
  if (Array.isArray(patch)) return patchList(Array.isArray(target) ? target : [], patch, custom, path);
  if (!isRecord(patch)) return structuredClone(patch);
  const { $patch: directive, $retainKeys: retain, ...fields } = patch;
  if (directive === 'replace' || isAtomicObject(path, custom)) return structuredClone(withoutNulls(fields));
  const merged: Json = isRecord(target) ? { ...target } : {};
  if (Array.isArray(retain)) for (const name of Object.keys(merged)) if (!retain.includes(name)) delete merged[name];
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith('$setElementOrder/')) continue;
    if (name.startsWith('$deleteFromPrimitiveList/')) {
      const field = name.slice('$deleteFromPrimitiveList/'.length);
      merged[field] = (merged[field] as unknown[] ?? [])
        .filter((item) => !(value as unknown[]).some((gone) => sameJson(item, gone)));
    } else if (value === null) {
      delete merged[name];
    } else {
      merged[name] = strategicPatch(merged[name], value, custom, [...path, `f:${name}`]);
    }
  }
  return merged;
}

const withoutNulls = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

function patchList(target: unknown[], patch: unknown[], custom: boolean, path: readonly string[]): unknown[] {
  const list = listTypeOf(path, patch, custom);
  if (list.type === 'atomic') return structuredClone(patch);
  if (list.type === 'set') return [...target,
    ...patch.filter((item) => !target.some((other) => sameJson(item, other)))];
  const items = [...target];
  for (const item of patch as Json[]) {
    const key = itemKey(item, list.keys);
    const index = items.findIndex((other) => itemKey(other as Json, list.keys) === key);
    if (item.$patch === 'delete') { if (index >= 0) items.splice(index, 1); }
    else if (index < 0) items.push(strategicPatch({}, item, custom, [...path, key]));
    else items[index] = strategicPatch(items[index], item, custom, [...path, key]);
  }
  return items;
}

interface Operation { op: string; path: string; value?: unknown; from?: string }

/** RFC 6902, without `move` and `copy`. */
export function jsonPatch(target: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw badRequest('a JSON patch is a list of operations');
  const root = { document: structuredClone(target) };
  for (const operation of operations as Operation[]) operate(root, operation);
  return root.document;
}

function operate(root: { document: unknown }, { op, path, value }: Operation): void {
  const keys = path.split('/').slice(1).map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop();
  if (last === undefined) { root.document = value; return; }
  const holder = keys.reduce<unknown>((node, key) =>
    isRecord(node) || Array.isArray(node) ? (node as Json)[key] : undefined, root.document);
  if (!isRecord(holder) && !Array.isArray(holder)) throw badRequest(`the patch's path ${path} leads nowhere`);
  const found = (holder as Json)[last];
  if (op === 'test') { if (!sameJson(found, value)) throw badRequest(`testing value ${path} failed`); return; }
  if (op !== 'add' && found === undefined) throw badRequest(`the patch's path ${path} leads nowhere`);
  if (op === 'remove') {
    if (Array.isArray(holder)) holder.splice(Number(last), 1);
    else delete holder[last];
  } else if (op === 'add' && Array.isArray(holder)) holder.splice(last === '-' ? holder.length : Number(last), 0,
    value);
  else if (op === 'add' || op === 'replace') (holder as Json)[last] = value;
  else throw badRequest(`JSON patch operation ${op} is not supported`);
}
