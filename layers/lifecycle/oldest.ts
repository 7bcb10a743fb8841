/** Names are not unique in OpenStack: of several things of one name the oldest is ours, the rest is for the janitor. */
export function oldest<T extends { id: string; created_at?: string | null; created?: string }>(found: readonly T[]): T | undefined {
  const age = (thing: T) => thing.created_at ?? thing.created ?? '';
  return found.toSorted((a, b) => age(a).localeCompare(age(b)) || a.id.localeCompare(b.id))[0];
}

/** The oldest of each name, by name. */
export function byName<T extends { id: string; name: string; created_at?: string | null; created?: string }>(found: readonly T[]): Map<string, T> {
  const names = new Map<string, T[]>();
  for (const thing of found) names.set(thing.name, [...names.get(thing.name) ?? [], thing]);
  return new Map([...names].map(([name, things]) => [name, oldest(things)!]));
}
