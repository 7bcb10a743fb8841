/** One cluster of real Kubernetes for a whole run: what its user has, what an administrator of the cloud sees. */
import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { cloudName, scopeOf } from '../../local/clouds.ts';
import { ApiError, openApi, type Api } from '../../local/demo/api.ts';
import { clusterBody } from '../../local/demo/cluster-body.ts';
import { follow, newestOperation } from '../../local/demo/follow.ts';
import { inventory, leftBehind, type Thing } from '../../local/demo/inventory.ts';
import { openKubectl, type Kubectl } from '../../local/demo/kubectl.ts';
import { choose, logIn, type Person } from '../../local/demo/user.ts';
import { startRunning, type Running } from '../../local/running.ts';
import { openSession, type Session } from '../../layers/openstack/session.ts';

export interface TestOptions { cloud: string; masters: number; workers: number; version?: string; conformance?: { minutes: number; focus: string } }
export const options = JSON.parse(process.env.KUBERNETES_TEST ?? '{"cloud":"local","masters":1,"workers":1}') as TestOptions;

export interface World {
  running: Running;
  api: Api;
  clusterId: string;
  version: string;
  /** With the user's admin kubeconfig. */
  kubectl: Kubectl;
  kubeconfigFile: string;
  /** Of the Kubernetes API, as in the kubeconfig. */
  server: string;
  caPem: string;
  admin: Session;
  /** The cluster's owner, in OpenStack. */
  user: Session;
  userProjectId: string;
  serviceProjectId: string;
  /** Of the user's projects and with the cluster's mark: what there is now and was not before the cluster. */
  added(): Promise<Thing[]>;
  remove(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when the cluster is RUNNING and its nodes are Ready. */
export async function openWorld(): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'moorage-kubernetes-'));
  const running = await startRunning({
    on: cloudName(options.cloud), kubernetes: 'real', scale: 20, dataDir, log: (line) => appendFileSync(join(dataDir, 'log'), `${line}\n`),
  });
  const { access, url } = running;
  const user = await logIn(access.authUrl, access.user as Person);
  const { username, password, userDomainName } = access.admin!;
  const admin = openSession({ authUrl: access.authUrl, region: access.regionName, credential: { username, password, userDomainName }, scope: scopeOf(access.admin!) });
  const api = openApi(url, () => user.token());
  const before = await inventory(admin, [user.projectId], undefined);
  const { k8s_versions: offered } = await api.call<{ k8s_versions: { version: string }[] }>('GET', '/v2/clusters/k8s_versions');
  const version = options.version ?? offered[0]!.version;
  const body = clusterBody({ version, masters: options.masters, workers: options.workers, choice: await choose(user) }) as { node_groups: object[] };
  body.node_groups = body.node_groups.map((group) => ({ ...group, taints: [{ key: 'berth', value: 'deep', effect: 'PreferNoSchedule' }] }));
  const { id } = await api.call<{ id: string }>('POST', '/v2/clusters', body);
  await follow(api, id, await newestOperation(api, id, 'createCluster'), 'create');
  const kubeconfig = await api.text('POST', `/v2/clusters/${id}/kube_config`);
  const { clusters: [cluster] } = parse(kubeconfig) as { clusters: { cluster: { server: string; 'certificate-authority-data': string } }[] };
  const kubeconfigFile = join(dataDir, 'kubeconfig.yaml');
  const serviceProjectId = (await inventory(admin, [], id)).find(({ kind }) => kind === 'project')!.id;
  return {
    running, api, clusterId: id, version, admin, user: user.session, userProjectId: user.projectId, serviceProjectId,
    kubectl: openKubectl(version, kubeconfig, kubeconfigFile), kubeconfigFile,
    server: cluster!.cluster.server, caPem: Buffer.from(cluster!.cluster['certificate-authority-data'], 'base64').toString(),
    added: async () => leftBehind(before, await inventory(admin, [user.projectId, serviceProjectId], id)),
    async remove() {
      await api.call('DELETE', `/v2/clusters/${id}`);
      await gone(api, id);
    },
    stop: () => running.stop(),
  };
}

/** A deleted cluster answers 404, its operations with it. */
async function gone(api: Api, id: string): Promise<void> {
  try {
    await follow(api, id, await newestOperation(api, id, 'deleteCluster'), 'delete');
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}
