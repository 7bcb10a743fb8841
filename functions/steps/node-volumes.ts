/** The nodes' boot disks. */
import { markMetadata } from '../../layers/cluster/names.ts';
import { groupStep } from '../../layers/lifecycle/context.ts';
import { leavingNodes, stayingNodes } from '../../layers/lifecycle/group-nodes.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { ensureVolumes, removeVolumes } from '../../layers/lifecycle/volumes.ts';

const bootVolumeName = (server: string): string => `${server}-boot`;

export const nodeVolumes = groupStep({
  name: 'nodeVolumes',
  title: 'Disks of the nodes',
  async run(context, _needs: { quotas: object }) {
    const { service, cluster, group: { disk, imageId } } = context;
    return ensureVolumes(service, stayingNodes(context).map(({ name }) => ({
      name: bootVolumeName(name), size: disk.size, imageRef: imageId, metadata: markMetadata(cluster.id), ...(disk.type && { volume_type: disk.type }),
    })));
  },
  async undo(context) {
    const names = new Set(leavingNodes(context).map(({ name }) => bootVolumeName(name)));
    return removeVolumes(context.service, (volume) => names.has(volume.name ?? ''));
  },
});

export const handler = stepFunction(nodeVolumes);
