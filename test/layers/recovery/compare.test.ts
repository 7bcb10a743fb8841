import { describe, expect, test } from 'vitest';
import type { Cluster, NodeGroup } from '../../../layers/cluster/cluster.ts';
import { compareMachines } from '../../../layers/recovery/compare-machines.ts';
import { compare } from '../../../layers/recovery/compare.ts';
import { foundCluster, tagsOf } from '../../../layers/recovery/found-cluster.ts';

const row = (id: string, more: Partial<Cluster> = {}): Cluster =>
  ({ id, uuid: `uuid-${id}`, name: `name-${id}`, projectId: 'owner', phase: 'ready', operations: {}, serviceProjectId: `project-${id}`, masters: { count: 1 }, ...more }) as Cluster;
const project = (id: string, tags = tagsOf(row(id))) => foundCluster({ id: `project-${id}`, name: `moorage-${id}`, tags, description: '' })!;
const kinds = (found: string[], rows: Cluster[]): string[] => compare(found.map((id) => project(id)), rows).map(({ clusterId, kind, isDeleted }) => `${clusterId} ${kind}${isDeleted ? ' delete' : ''}`);

describe('a service project says', () => {
  test('whose cluster it is, by its tags', () => {
    expect(project('a')).toEqual({ clusterId: 'a', projectId: 'project-a', name: 'name-a', ownerId: 'owner', uuid: 'uuid-a' });
  });

  test('by its description where it is older than those tags, by its name where it has none', () => {
    const description = 'Moorage: service project of cluster harbour (a) of project owner';
    expect(foundCluster({ id: 'p', name: 'moorage-a', tags: ['moorage', 'moorage=a'], description })).toEqual({ clusterId: 'a', projectId: 'p', name: 'harbour', ownerId: 'owner' });
    expect(foundCluster({ id: 'p', name: 'moorage-a', tags: ['moorage'], description: '' })).toEqual({ clusterId: 'a', projectId: 'p' });
    expect(foundCluster({ id: 'p', name: 'other', tags: ['moorage'], description: '' })).toBeUndefined();
  });
});

describe('tables of an hour ago', () => {
  test('that fit differ in nothing', () => {
    expect(kinds(['a'], [row('a'), row('gone', { phase: 'deleted' })])).toEqual([]);
  });

  test('lack what was made since: it is left alone', () => {
    expect(kinds(['a', 'b'], [row('a')])).toEqual(['b unknown']);
  });

  test('have what was deleted since: it is deleted, whatever was under way', () => {
    const going = { operations: { o: { flow: 'createNodeGroup', state: 'going' as const } } };
    expect(kinds([], [row('a', going)])).toEqual(['a vanished delete']);
    expect(kinds([], [row('a', { ...going, phase: 'creating' })])).toEqual(['a vanished delete']);
  });

  test('say deleted, and a project is there: it is deleted again', () => {
    expect(kinds(['a'], [row('a', { phase: 'deleted' })])).toEqual(['a left-behind delete']);
  });

  test('have creates that had made nothing, and deletes: both go on', () => {
    const { serviceProjectId: _none, ...young } = row('a', { phase: 'creating', operations: { o: { flow: 'createCluster', state: 'going' } } });
    const old = row('b', { phase: 'deleting', operations: { o: { flow: 'deleteCluster', state: 'going' } } });
    expect(kinds([], [young, old])).toEqual(['a unfinished', 'b unfinished']);
  });
});

test('machines that came and went since are named, with what to do', () => {
  const group = { id: 'g', name: 'berths', nodes: [{ slot: 1, leaving: false }, { slot: 2, leaving: false }, { slot: 3, leaving: true }] } as NodeGroup;
  const cluster = row('a', { name: 'harbour' });
  expect(compareMachines(cluster, [group], ['harbour-master-0', 'harbour-berths-1', 'harbour-berths-2'])).toEqual([]);
  const [more, fewer] = compareMachines(cluster, [group], ['harbour-master-0', 'harbour-berths-1', 'harbour-berths-9']);
  expect(more).toMatch(/does not know: harbour-berths-9;/);
  expect(fewer).toMatch(/gone: harbour-berths-2;/);
});
