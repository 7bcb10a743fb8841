import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createCluster } from '../../flows/create-cluster.ts';
import { createNodeGroup } from '../../flows/create-node-group.ts';
import { deleteCluster } from '../../flows/delete-cluster.ts';
import { deleteNodeGroup } from '../../flows/delete-node-group.ts';
import { flows } from '../../flows/flows.ts';
import { replaceNodes } from '../../flows/replace-nodes.ts';
import { rotateAuthority } from '../../flows/rotate-authority.ts';
import { givenToGroups } from '../../functions/steps/node-groups.ts';
import type { Flow } from '../../layers/engine/flow.ts';
import { drawFlows } from '../../local/docs/draw-flows.ts';

/** Everything that a node waits for, directly or not. */
function before(flow: Flow, key: string): Set<string> {
  const needs = flow.nodes.find((node) => node.key === key)?.needs ?? [];
  return new Set(needs.flatMap((need) => [need, ...before(flow, need)]));
}

describe('the flows', () => {
  test('undo everything that they make', () => {
    const undone = (flow: Flow) => new Set(flow.nodes.filter(({ phase }) => phase === 'undo').map(({ step }) => step.name));
    expect(createCluster.nodes.map(({ key }) => key).filter((key) => !undone(deleteCluster).has(key))).toEqual([]);
    expect(createNodeGroup.nodes.map(({ key }) => key).filter((key) => key !== 'quotas' && !undone(deleteNodeGroup).has(key))).toEqual([]);
  });

  test('let the service project go last', () => {
    const waitsFor = before(deleteCluster, 'serviceProject:undo');
    expect(deleteCluster.nodes.map(({ key }) => key).filter((key) => key !== 'serviceProject:undo' && !waitsFor.has(key))).toEqual([
      // Secrets in our own table: nothing in the cloud.
    ]);
  });

  test('stop the cluster\'s controllers before anything that they could make again is removed', () => {
    for (const key of ['standardLoadBalancers:undo', 'persistentVolumes:undo', 'masterServers:undo']) {
      expect(before(deleteCluster, key)).toContain('controllersStopped');
    }
    expect(before(deleteCluster, 'persistentVolumes:undo')).toContain('nodeGroups:undo');
  });

  test('begin a delete only when nothing else is under way', () => {
    for (const flow of [deleteCluster, deleteNodeGroup]) {
      for (const { key } of flow.nodes.slice(1)) expect(before(flow, key)).toContain('changesEnded');
    }
  });

  test('build load balancer, masters and nodes at the same time', () => {
    const apart = [['apiLoadBalancer', 'masterServers'], ['masterServers', 'apiLoadBalancer'], ['masterServers', 'nodeGroups'], ['apiLoadBalancer', 'nodeGroups']] as const;
    for (const [one, other] of apart) expect(before(createCluster, one)).not.toContain(other);
    expect(before(createNodeGroup, 'nodeServers')).not.toContain('apiEndpoint');
  });

  test('let no node go before others are Ready in its place, and no authority before no node knows it any more', () => {
    for (const { key } of replaceNodes.nodes.filter(({ phase }) => phase === 'undo')) expect(before(replaceNodes, key)).toContain('nodes');
    expect(before(rotateAuthority, 'nodeReplacement')).toContain('controlPlane:issued');
    expect(before(rotateAuthority, 'certificateAuthority:issued')).toContain('controlPlane:prepared');
    expect(before(rotateAuthority, 'certificateAuthority:over')).toContain('nodeReplacement');
    expect(rotateAuthority.nodes.at(-1)?.key).toBe('controlPlane:over');
  });

  test('tell node groups of every output that they await', () => {
    expect([...givenToGroups].toSorted()).toEqual(createNodeGroup.given.toSorted());
  });

  test('have a function for each of their steps, and no function without a flow', () => {
    const camel = (file: string) => file.replace('.ts', '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const files = readdirSync(new URL('../../functions/steps/', import.meta.url)).filter((file) => file.endsWith('.ts')).map(camel);
    expect([...new Set(flows.flatMap(({ nodes }) => nodes.map(({ step }) => step.name)))].toSorted()).toEqual(files.toSorted());
  });

  test('are drawn in docs/flows.md as they are', () => {
    expect(readFileSync(new URL('../../docs/flows.md', import.meta.url), 'utf8')).toBe(drawFlows());
  });
});
