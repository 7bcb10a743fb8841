/** A Kubernetes stand-in of a test's own, with its certificates. */
import { onTestFinished } from 'vitest';
import { openKube, type Kube } from '../../../layers/kubernetes/client.ts';
import { issue, issueClientCertificate, newAuthority, type KeyPair } from '../../../layers/pki/authority.ts';
import { Api } from '../../../local/kubernetes/api.ts';
import { seedCluster } from '../../../local/kubernetes/bootstrap-policy.ts';
import { serveApi } from '../../../local/kubernetes/server.ts';
import { Store } from '../../../local/kubernetes/store.ts';

export interface TestCluster {
  api: Api;
  ca: KeyPair;
  server: string;
  /** In system:masters. */
  admin: Kube;
  as(commonName: string, organization?: string | string[]): Promise<Kube>;
  quorum: { is: boolean };
}

export async function testCluster(path?: string, ca?: KeyPair): Promise<TestCluster> {
  const now = new Date();
  const authority = ca ?? (await newAuthority('kubernetes', now));
  const serving = await issue(authority, {
    commonName: 'kube-apiserver',
    usage: 'server',
    addresses: ['127.0.0.1'],
    now,
  });
  const store = new Store(path);
  const api = new Api(store);
  seedCluster(api);
  const quorum = { is: true };
  const { port, close } = await serveApi({
    api,
    version: 'v1.34.2',
    hasQuorum: () => quorum.is,
    certPem: serving.certPem,
    keyPem: serving.keyPem,
    clientCaPem: authority.certPem,
  });
  const server = `https://127.0.0.1:${port}`;
  const kubes: Kube[] = [];
  const as = async (commonName: string, organization: string | string[] = [], signer = authority): Promise<Kube> => {
    const client = await issueClientCertificate(signer, { commonName, organization, validForMs: 3_600_000, now });
    const kube = openKube({
      server,
      caPem: authority.certPem,
      certPem: client.certPem,
      keyPem: client.keyPem,
      timeoutMs: 10_000,
    });
    kubes.push(kube);
    return kube;
  };
  onTestFinished(async () => {
    for (const kube of kubes) kube.close();
    await close();
    store.close();
  });
  return { api, ca: authority, server, admin: await as('admin', 'system:masters'), as, quorum };
}

/** A bare request, with a token or with nothing at all. */
export async function request(
  cluster: TestCluster,
  method: string,
  path: string,
  options: { token?: string; body?: unknown; accept?: string } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { request: send } = await import('node:https');
  return new Promise((resolve, reject) => {
    const outgoing = send(
      new URL(path, cluster.server),
      {
        method,
        ca: cluster.ca.certPem,
        agent: false,
        headers: {
          'content-type': 'application/json',
          ...(options.token && { authorization: `Bearer ${options.token}` }),
          ...(options.accept && { accept: options.accept }),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: incoming.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : { text } });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}
