/** Nodes that give way to new ones: how many at a time, and in how many rounds. */
import type { NodeGroup } from './cluster.ts';

type Of = Pick<NodeGroup, 'nodes' | 'parallelUpgradeChunk' | 'phase'>;

const staying = ({ nodes }: Of): number => nodes.filter(({ leaving }) => !leaving).length;

/** Nodes of the group that are replaced side by side: as many are there beyond its size meanwhile. */
export const replacedAtOnce = (group: Of): number => Math.max(1, Math.ceil(staying(group) * group.parallelUpgradeChunk / 100));

/** Rounds until every node of the groups has been replaced, one after another. */
export const roundsOf = (groups: readonly Of[]): number =>
  groups.filter(({ phase }) => phase !== 'deleted').reduce((sum, group) => sum + Math.ceil(staying(group) / replacedAtOnce(group)), 0);
