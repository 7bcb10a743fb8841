/** The Kubernetes API of a cluster with nothing in it, at the address and port where Moorage looks for a user's. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { ports } from '../../layers/kubernetes/spec.ts';
import { issue, newAuthority } from '../../layers/pki/authority.ts';

/** Of this file's tests alone: loopback addresses need no interface. */
const address = '127.64.255.9';

export interface EmptyCluster {
  address: string;
  /** What Moorage keeps to reach it and to issue kubeconfigs, as far as that. */
  certificates: object;
  close(): void;
}

export async function startEmptyCluster(): Promise<EmptyCluster> {
  const now = new Date();
  const ca = await newAuthority('kubernetes', now);
  const [api, admin] = await Promise.all([
    issue(ca, { commonName: 'kube-apiserver', usage: 'server', addresses: [address], now }),
    issue(ca, { commonName: 'moorage', organization: 'system:masters', usage: 'client', now }),
  ]);
  const server = createServer({ key: api.keyPem, cert: api.certPem, ca: ca.certPem, requestCert: true }, ({ url = '' }, answer) => {
    const isList = /\/(?:api\/v1|apis\/[^/]+\/[^/]+)\/[^/?]+(?:\?|$)/.test(url);
    answer.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' });
    answer.end(JSON.stringify(isList ? { kind: 'List', metadata: {}, items: [] } : { kind: 'Status', status: 'Failure', reason: 'NotFound', message: 'not found', code: 404 }));
  }).listen(ports.user.api, address);
  await once(server, 'listening');
  return { address, certificates: { user: { ca, admin } }, close: () => { server.closeAllConnections(); server.close(); } };
}
