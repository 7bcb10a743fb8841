/** Sets of field paths: what a manager of an object owns. */
import { isAtomicObject, itemKey, listTypeOf } from './list-types.ts';
import { isRecord, sameJson, type FieldTree, type Json } from './objects.ts';

/** One path's elements: `f:<field>`, `k:<keys of an item>`, `v:<item of a set>`, and `.` for an item itself. */
export type FieldPath = readonly string[];
/** By the path's text. */
export type FieldSet = Map<string, FieldPath>;

const separator = '\u0000';
export const pathText = (path: FieldPath): string => path.join(separator);

/** What nobody owns: it is the API's. */
const unowned = new Set(['f:apiVersion', 'f:kind', 'f:status']);
const unownedMetadata = new Set([
  'name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp',
    'deletionGracePeriodSeconds',
  'managedFields', 'generateName', 'selfLink',
].map((name) => `f:${name}`));

/** Every field that the object sets. `status` belongs to nobody unless asked for. */
export function fieldsOf(object: Json, custom: boolean): FieldSet {
  const set: FieldSet = new Map();
  const add = (path: FieldPath) => set.set(pathText(path), path);
  const walk = (value: unknown, path: FieldPath): void => {
    if (Array.isArray(value)) walkList(value, path);
    else if (isRecord(value) && Object.keys(value).length > 0 && !isAtomicObject(path, custom)) walkObject(value, path);
    else if (value !== undefined) add(path);
  };
  const walkObject = (value: Json, path: FieldPath): void => {
    for (const [name, field] of Object.entries(value)) {
      const element = `f:${name}`;
      if (path.length === 0 && unowned.has(element)) continue;
      if (path.length === 1 && path[0] === 'f:metadata' && unownedMetadata.has(element)) continue;
      walk(field, [...path, element]);
    }
  };
  const walkList = (items: unknown[], path: FieldPath): void => {
    const list = listTypeOf(path, items, custom);
    if (list.type === 'atomic' || items.length === 0) return void add(path);
    for (const item of items) {
      if (list.type === 'set') {
        add([...path, `v:${JSON.stringify(item)}`]);
      } else {
        const itemPath = [...path, itemKey(item as Json, list.keys)];
        add([...itemPath, '.']);
        walkObject(item as Json, itemPath);
      }
    }
  };
  walkObject(object, []);
  return set;
}

export function toTree(set: FieldSet): FieldTree {
  const root: FieldTree = {};
  for (const path of set.values()) {
    let node = root;
    for (const element of path) node = node[element] ??= {};
  }
  return root;
}

export function fromTree(tree: FieldTree): FieldSet {
  const set: FieldSet = new Map();
  const walk = (node: FieldTree, path: FieldPath): void => {
    const children = Object.entries(node);
    if (children.length === 0 && path.length > 0) set.set(pathText(path), path);
    for (const [element, child] of children) walk(child, [...path, element]);
  };
  walk(tree, []);
  return set;
}

function matches(item: unknown, element: string): boolean {
  if (element.startsWith('v:')) return sameJson(item, JSON.parse(element.slice(2)));
  const keys = JSON.parse(element.slice(2)) as Json;
  return isRecord(item) && Object.entries(keys)
    .every(([key, value]) => sameJson(item[key] ?? (key === 'protocol' ? 'TCP' : undefined), value));
}

function child(value: unknown, element: string): unknown {
  if (element === '.') return value;
  if (element.startsWith('f:')) return isRecord(value) ? value[element.slice(2)] : undefined;
  return Array.isArray(value) ? value.find((item) => matches(item, element)) : undefined;
}

/** The value at the path, or undefined. */
export const valueAt = (object: Json, path: FieldPath): unknown => path.reduce<unknown>(child, object);

/** Takes the value away, and what would be left empty around it. Changes `object`. */
export function removeAt(object: Json, path: FieldPath): void {
  const [element, ...rest] = path;
  if (element === undefined) return;
  remove(object, element, rest);
}

function remove(holder: unknown, element: string, rest: FieldPath): void {
  const whole = rest.length === 0 || (rest.length === 1 && rest[0] === '.');
  const inner = child(holder, element);
  if (inner === undefined) return;
  if (!whole) remove(inner, rest[0]!, rest.slice(1));
  if (whole || isEmpty(inner)) detach(holder, element);
}

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;

function detach(holder: unknown, element: string): void {
  if (isRecord(holder)) delete holder[element.slice(2)];
  else if (Array.isArray(holder)) holder.splice(holder.findIndex((item) => matches(item, element)), 1);
}

/** `.spec.template.spec.containers[name="api"].image`, as messages name a field. */
export function describePath(path: FieldPath): string {
  return path.filter((element) => element !== '.').map((element) => {
    if (element.startsWith('f:')) return `.${element.slice(2)}`;
    if (element.startsWith('v:')) return `[=${element.slice(2)}]`;
    const keys = Object.entries(JSON.parse(element.slice(2)) as Json);
    return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
  }).join('');
}
