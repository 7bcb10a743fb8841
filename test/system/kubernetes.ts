/** A cluster's Kubernetes API by its user's kubeconfig, from where the user is. */
import { once } from 'node:events';
import { Agent } from 'node:https';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { parse } from 'yaml';
import { openKube, type Kube } from '../../layers/kubernetes/client.ts';
import { send } from '../../layers/kubernetes/transport.ts';
import type { Api } from '../../local/demo/api.ts';
import type { World } from './world.ts';

interface KubeConfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

export interface Opened {
  kube: Kube;
  /** As the kubeconfig names it. */
  server: string;
  /** Creates an object of any kind; answers the status. */
  post(path: string, object: object): Promise<number>;
  close(): Promise<void>;
}

/** With every certificate verified. `via`: another way to the same API. */
export async function openCluster(api: Api, id: string, via?: (server: URL) => Promise<Way>): Promise<Opened> {
  const { clusters: [cluster], users: [user] } = parse(await api.text('POST', `/v2/clusters/${id}/kube_config`)) as KubeConfig;
  const text = (base64: string) => Buffer.from(base64, 'base64').toString();
  const { server } = cluster!.cluster;
  const way = await via?.(new URL(server));
  const options = {
    server: way?.server ?? server, caPem: text(cluster!.cluster['certificate-authority-data']), timeoutMs: 20_000,
    certPem: text(user!.user['client-certificate-data']), keyPem: text(user!.user['client-key-data']),
  };
  const kube = openKube(options);
  const agent = new Agent({ ca: options.caPem, cert: options.certPem, key: options.keyPem });
  return {
    kube, server,
    post: async (path, object) => (await send(options, agent, 'POST', path, object, 'application/json')).status,
    close: async () => { kube.close(); agent.destroy(); await way?.close(); },
  };
}

export interface Way { server: string; close(): Promise<void> }

/** What a machine on one of the user's networks reaches, made reachable from here. API servers' certificates name the loopback address. */
export async function fromNetwork({ embedded }: World, networkId: string, source: string, { hostname, port }: URL): Promise<Way> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    embedded.machines.connectAs(networkId, hostname, Number(port), source).then((onward) => {
      sockets.add(onward);
      for (const [one, other] of [[socket, onward], [onward, socket]] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.pipe(other);
      }
    }, () => socket.destroy());
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
