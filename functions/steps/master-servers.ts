/** The masters, all booted at the same time: addresses, certificates and etcd's members are known beforehand. */
import { markMetadata, markOf } from '../../layers/cluster/names.ts';
import { masterUserData } from '../../layers/kubernetes/cloud-init.ts';
import { certificatesOf, mastersOf, specOf } from '../../layers/lifecycle/cluster-kube.ts';
import { isWaiting, step } from '../../layers/lifecycle/context.ts';
import { ensureServers, removeServers } from '../../layers/lifecycle/servers.ts';
import { stepFunction } from '../../layers/lifecycle/step-function.ts';
import { bootVolumeName, etcdVolumeName, type Volumes } from './master-volumes.ts';

interface Needs {
  masterServerGroup: { groupId: string };
  masterPorts: { portIds: Record<string, string> };
  masterVolumes: Volumes;
  certificates: { issued: boolean };
}

export const masterServers = step({
  name: 'masterServers',
  title: 'Masters',
  async run({ service, cluster, settings, record }, { masterServerGroup, masterPorts, masterVolumes }: Needs) {
    const certificates = await certificatesOf(cluster.id);
    const spec = specOf(cluster, settings);
    const disk = (uuid: string, boot_index: number) =>
      ({ uuid, boot_index, source_type: 'volume' as const, destination_type: 'volume' as const, delete_on_termination: false });
    return ensureServers(service, spec.masters.map(({ name }, index) => ({
      name, groupId: masterServerGroup.groupId,
      body: () => ({
        name, flavorRef: cluster.masters.flavorId, networks: [{ port: masterPorts.portIds[name]! }], config_drive: true,
        availability_zone: cluster.zones[index % cluster.zones.length]!,
        block_device_mapping_v2: [disk(masterVolumes[bootVolumeName(name)]!, 0), disk(masterVolumes[etcdVolumeName(name)]!, -1)],
        user_data: masterUserData({
          spec, certificates, name, etcdVolumeId: masterVolumes[etcdVolumeName(name)]!,
          ...(settings.serviceDnsServers.length > 0 && { dnsServers: settings.serviceDnsServers }),
        }),
        metadata: markMetadata(cluster.id), tags: [markOf(cluster.id)],
      }),
    })), isWaiting(record));
  },
  async undo({ service, cluster, settings }) {
    return removeServers(service, mastersOf(cluster, settings).map(({ name }) => name));
  },
});

export const handler = stepFunction(masterServers);
