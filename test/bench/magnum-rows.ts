/** Clusters that stand in the lab's Magnum's database and nowhere else: for lists and reads, not for anything to be done to them. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

const mark = 'bench-api';

function sql(statements: string): void {
  const socket = join(process.env.LAB_DIR ?? '/tmp/moorage-lab', 'mysql.sock');
  execFileSync('mariadb', ['--no-defaults', '-uroot', '-S', socket, 'magnum'], { input: statements });
}

export interface Owner { projectId: string; userId: string; templateId: string; flavorId: string; imageId: string }

/**
 * Exactly `count` clusters with their two default groups each; answers one's uuid. They are in CREATE_FAILED, so that the
 * conductor does not go and look after their health meanwhile, which would slow Magnum down.
 */
export function setMagnumClusters(count: number, { projectId, userId, templateId, flavorId, imageId }: Owner): string {
  const uuids = Array.from({ length: count }, () => randomUUID());
  const clusters = uuids.map((uuid, i) => `(NOW(), '${uuid}', '${mark}-${i}', '${templateId}', 'https://172.24.4.10:6443', '${randomUUID()}', `
    + `'${projectId}', '${userId}', 'CREATE_FAILED', 60, 'v1.23.3', '{"kube_tag": "v1.23.3-rancher1"}', '{}')`);
  const groups = uuids.flatMap((uuid) => ['master', 'worker'].map((role) => `(NOW(), '${randomUUID()}', 'default-${role}', '${uuid}', '${projectId}', '{}', `
    + `'${flavorId}', '${imageId}', '["10.0.0.5"]', 1, ${role === 'master' ? 1 : 0}, '${role}', 1, '${randomUUID()}', 'CREATE_COMPLETE')`));
  removeMagnumClusters();
  sql(`INSERT INTO cluster (created_at, uuid, name, cluster_template_id, api_address, stack_id, project_id, user_id, status, create_timeout, coe_version,
    labels, health_status_reason) VALUES ${clusters.join(',')};
    INSERT INTO nodegroup (created_at, uuid, name, cluster_id, project_id, labels, flavor_id, image_id, node_addresses, node_count, min_node_count, role,
    is_default, stack_id, status) VALUES ${groups.join(',')};`);
  return uuids[Math.floor(count / 2)]!;
}

export const removeMagnumClusters = (): void => sql(`DELETE FROM nodegroup WHERE cluster_id IN (SELECT uuid FROM cluster WHERE name LIKE '${mark}-%');
  DELETE FROM cluster WHERE name LIKE '${mark}-%';`);
