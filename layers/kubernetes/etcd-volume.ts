/** The disk that etcd lives on: a Cinder volume, found in the machine by its serial. */
import { auditDirectory, etcdDirectory, konnectivityDirectory, runAs } from './control-plane-layout.ts';
import type { MachineFile } from './user-data.ts';

const label = 'moorage-etcd';

/**
 * virtio-blk shows the first 20 characters of the volume's id as serial, virtio-scsi all of it. The disk is formatted
 * only when it can be read and holds nothing: a master that is built anew finds its data again.
 */
const script = (volumeId: string): string => `#!/bin/sh
set -eu
volume=${volumeId}
device=
for attempt in $(seq 120); do
  for candidate in /dev/disk/by-id/*"$volume" /dev/disk/by-id/*"$(printf %.20s "$volume")"; do
    if [ -b "$candidate" ]; then device=$candidate; break 2; fi
  done
  udevadm settle --timeout=5 || true
  sleep 1
done
if [ -z "$device" ]; then echo "no disk with serial $volume" >&2; exit 1; fi
dd if="$device" of=/dev/null bs=1M count=1 status=none
found=0
blkid -p "$device" >/dev/null || found=$?
case $found in
  0) ;;
  2) mkfs.ext4 -q -L ${label} "$device"; udevadm settle ;;
  *) echo "cannot tell what is on $device" >&2; exit 1 ;;
esac
systemctl daemon-reload
systemctl enable --now var-lib-etcd.mount
install -d -m 0700 /var/lib/etcd/system
install -d -m 0700 -o ${runAs} -g ${runAs} ${etcdDirectory}
`;

const mountUnit = `[Unit]
Description=etcd volume
Before=kubelet.service
[Mount]
What=/dev/disk/by-label/${label}
Where=/var/lib/etcd
Type=ext4
Options=noatime
[Install]
WantedBy=multi-user.target
`;

/** Folders of the user's control plane on a master, made at every boot. */
const folders = [
  `d ${konnectivityDirectory} 0750 ${runAs} ${runAs} -`,
  `d ${auditDirectory} 0750 ${runAs} ${runAs} -`,
  '',
].join('\n');

export const etcdVolumeScript = '/usr/local/sbin/moorage-etcd-volume';
export const foldersFile = '/etc/tmpfiles.d/moorage.conf';

export const masterDiskFiles = (volumeId: string): MachineFile[] => [
  { path: etcdVolumeScript, content: script(volumeId), permissions: '0755' },
  { path: '/etc/systemd/system/var-lib-etcd.mount', content: mountUnit, permissions: '0644' },
  { path: foldersFile, content: folders, permissions: '0644' },
];
