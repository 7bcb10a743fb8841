/** What machines carry: memory of each pod, by its cgroup, as the machine counts it. */
import { existsSync, readdirSync } from 'node:fs';
import type { Guest } from './guest.ts';
import { onDisk } from './guest-disk.ts';

export interface PodMemory { machine: string; namespace: string; pod: string; mib: number }

/** kubelet keeps a folder of logs for each pod, by its namespace, name and id. */
function podsOf(guest: Guest): { namespace: string; pod: string; uid: string }[] {
  const folder = onDisk(guest.dir, '/var/log/pods');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => {
    const [namespace = '', pod = '', uid = ''] = name.split('_');
    return { namespace, pod, uid };
  });
}

/** Of pods that run just now: what they hold in memory, without files that could be read again. */
export async function podMemory(guest: Guest): Promise<PodMemory[]> {
  const pods = podsOf(guest);
  const text = await guest.inside('cd /sys/fs/cgroup/memory && for f in $(find kubepods -maxdepth 2 -name "pod*"); do echo "$f $(sed -n "s/^total_rss //p" $f/memory.stat)"; done');
  const bytes = new Map(text.trim().split('\n').map((line) => {
    const [path = '', rss = '0'] = line.split(' ');
    return [path.slice(path.lastIndexOf('/pod') + 4), Number(rss)] as const;
  }));
  return pods.flatMap(({ namespace, pod, uid }) => {
    const found = bytes.get(uid);
    return found === undefined ? [] : [{ machine: guest.name, namespace, pod, mib: Math.round(found / 2 ** 20) }];
  });
}
