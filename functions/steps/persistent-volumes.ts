/** The volumes that the cluster made for claims, with their snapshots. Made by the cluster; removed with it. */
import { done, gone } from '../../layers/engine/step.ts';
import { step } from '../../layers/lifecycle/context.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { removeVolumes } from '../../layers/lifecycle/volumes.ts';
import * as cinder from '../../layers/openstack/cinder.ts';

/** Set by the Cinder CSI plug-in on every volume it makes. */
const clusterKey = 'cinder.csi.openstack.org/cluster';

export const persistentVolumes = step({
  name: 'persistentVolumes',
  title: 'Persistent volumes',
  run: async () => done({}),
  async undo({ service, cluster }) {
    // Of a hand-over that was cut short: Cinder deletes no volume that awaits somebody.
    for (const { id } of await cinder.listVolumeTransfers(service)) await cinder.deleteVolumeTransfer(service, id);
    const outcome = await removeVolumes(service, ({ metadata }) => metadata[clusterKey] === cluster.id);
    if (outcome.kind === 'wait') return outcome;
    // Snapshots whose volume is gone already; those of the cluster's volumes went with them.
    for (const { id } of await cinder.listSnapshots(service)) await cinder.deleteSnapshot(service, id);
    return gone;
  },
});

export const handler = stepFunction(persistentVolumes);
