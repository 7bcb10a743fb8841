import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { issueClientCertificate, type KeyPair } from '../../../layers/pki/authority.ts';
import type { ClusterCertificates } from '../../../layers/pki/certificates.ts';
import { certificatesFor, now, specWith } from '../kubernetes/fixtures.ts';

const serverAuth = '1.3.6.1.5.5.7.3.1';
const clientAuth = '1.3.6.1.5.5.7.3.2';
const dayMs = 86_400_000;

let issued: ClusterCertificates;
beforeAll(async () => {
  issued = await certificatesFor(specWith(3));
});

const x509 = ({ certPem }: KeyPair) => new X509Certificate(certPem);
const alternatives = (pair: KeyPair): string[] => (x509(pair).subjectAltName ?? '').split(', ').filter(Boolean);

/** Every key pair of the tree, with its path. */
function pairsOf(tree: object, path = ''): [string, KeyPair][] {
  return Object.entries(tree).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null) return [];
    const here = path ? `${path}.${name}` : name;
    return 'certPem' in value ? [[here, value as KeyPair] as [string, KeyPair]] : pairsOf(value, here);
  });
}

function authorityOf(path: string): KeyPair {
  const { system, user } = issued;
  if (path.startsWith('system.')) return /etcd/i.test(path) ? system.etcdCa : system.ca;
  if (/\.etcd\.|EtcdClient|etcdCa/.test(path)) return user.etcdCa;
  if (path.startsWith('user.frontProxy')) return user.frontProxyCa;
  return /konnectivity(Server|Ca)$/.test(path) ? user.konnectivityCa : user.ca;
}

test('every certificate is signed by its authority, fits its key, and holds for its time', () => {
  const pairs = pairsOf(issued);
  expect(pairs).toHaveLength(7 + 3 * 5 + 16 + 3 * 2);
  for (const [path, pair] of pairs) {
    const certificate = x509(pair);
    const authority = x509(authorityOf(path));
    expect(certificate.verify(authority.publicKey), path).toBe(true);
    expect(certificate.checkIssued(authority), path).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(pair.keyPem)), path).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve, path).toBe('prime256v1');
    expect(certificate.ca, path).toBe(/Ca$|\.ca$/.test(path));
    expect(certificate.validFromDate.getTime(), path).toBe(now.getTime() - 600_000);
    const days = (certificate.validToDate.getTime() - now.getTime()) / dayMs;
    expect(days, path).toBe(certificate.ca || path.endsWith('.admin') ? 3650 : 365);
  }
});

test('serial numbers and keys are all different', () => {
  const pairs = pairsOf(issued).map(([, pair]) => pair);
  expect(new Set(pairs.map((pair) => x509(pair).serialNumber)).size).toBe(pairs.length);
  expect(new Set(pairs.map(({ keyPem }) => keyPem)).size).toBe(pairs.length);
  expect(issued.system.encryptionKey).not.toBe(issued.user.encryptionKey);
  expect(Buffer.from(issued.user.encryptionKey, 'base64')).toHaveLength(32);
});

test('usages fit what presents the certificate', () => {
  const usages = (pair: KeyPair) => x509(pair).keyUsage;
  const { system, user } = issued;
  const master = system.masters['shop-master-1']!;
  for (const pair of [master.apiserver, master.kubeletServing, user.apiserver, user.konnectivityServer])
    expect(usages(pair)).toEqual([serverAuth]);
  for (const pair of [master.etcdServer, master.etcdPeer, user.etcd['shop-master-1']!.server])
    expect(usages(pair)).toEqual([serverAuth, clientAuth]);
  for (const pair of [
    master.kubelet,
    system.admin,
    user.admin,
    user.cinderCsi,
    user.frontProxyClient,
    user.apiserverEtcdClient,
  ])
    expect(usages(pair)).toEqual([clientAuth]);
});

test('names say who somebody is to Kubernetes', () => {
  const { system, user } = issued;
  expect(x509(system.masters['shop-master-2']!.kubelet).subject).toBe('O=system:nodes\nCN=system:node:shop-master-2');
  expect(x509(user.admin).subject).toBe('O=system:masters\nCN=moorage');
  expect(x509(user.controllerManager).subject).toBe('CN=system:kube-controller-manager');
  expect(x509(user.frontProxyClient).subject).toBe('CN=front-proxy-client');
});

test('servers answer for the addresses by which they are reached', () => {
  const { system, user } = issued;
  const services = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
  ].map((name) => `DNS:${name}`);
  const outside = ['IP Address:100.96.0.5', 'IP Address:203.0.113.7', 'DNS:shop.example.org'];
  expect(alternatives(system.masters['shop-master-1']!.apiserver).toSorted()).toEqual(
    [
      ...services,
      ...outside,
      'DNS:shop-master-1',
      'IP Address:100.96.0.11',
      'IP Address:100.112.0.1',
      'IP Address:127.0.0.1',
    ].toSorted(),
  );
  expect(alternatives(user.apiserver).toSorted()).toEqual(
    [
      ...services,
      ...outside,
      'IP Address:10.254.0.1',
      'IP Address:127.0.0.1',
      'IP Address:100.96.0.10',
      'IP Address:100.96.0.11',
      'IP Address:100.96.0.12',
    ].toSorted(),
  );
  expect(alternatives(system.masters['shop-master-0']!.etcdPeer)).toContain('IP Address:100.96.0.10');
  expect(alternatives(system.masters['shop-master-0']!.etcdPeer)).not.toContain('IP Address:100.96.0.11');
  expect(alternatives(user.konnectivityServer)).toContain('IP Address:100.96.0.5');
  expect(alternatives(user.admin)).toEqual([]);
});

test('service-account keys sign and verify', () => {
  for (const { publicPem, privatePem } of [issued.system.serviceAccount, issued.user.serviceAccount]) {
    const signature = sign('sha256', Buffer.from('token'), createPrivateKey(privatePem));
    expect(verify('sha256', Buffer.from('token'), createPublicKey(publicPem), signature)).toBe(true);
  }
});

test('a short-lived client certificate names its user and groups, commas and all', async () => {
  const pair = await issueClientCertificate(issued.user.ca, {
    commonName: 'o, dear',
    organization: ['moorage:admins', 'b'],
    validForMs: 3_600_000,
    now,
  });
  const certificate = x509(pair);
  expect(certificate.verify(x509(issued.user.ca).publicKey)).toBe(true);
  expect(certificate.toLegacyObject().subject).toMatchObject({ CN: 'o, dear', O: ['moorage:admins', 'b'] });
  expect(certificate.validToDate.getTime() - now.getTime()).toBe(3_600_000);
});

/** Shakes hands; answers what the server saw of the client. */
async function handshake(
  client: KeyPair | undefined,
  server: KeyPair,
  ca: KeyPair,
  clientCa: KeyPair,
): Promise<{ authorized: boolean; name: string | undefined }> {
  const seen = Promise.withResolvers<{ authorized: boolean; name: string | undefined }>();
  const listener = createServer(
    { cert: server.certPem, key: server.keyPem, ca: clientCa.certPem, requestCert: true, rejectUnauthorized: false },
    (socket: TLSSocket) => {
      const subject = socket.getPeerCertificate().subject as { CN?: string } | undefined;
      seen.resolve({ authorized: socket.authorized, name: subject?.CN });
      socket.end();
    },
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const socket = connect({
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    ca: ca.certPem,
    ...(client && { cert: client.certPem, key: client.keyPem }),
  });
  socket.on('error', seen.reject);
  socket.resume();
  try {
    return await seen.promise;
  } finally {
    socket.destroy();
    listener.close();
  }
}

// Certificates for the clock of the machine: a handshake looks at it.
test('client and server trust each other through their authority, and nobody else', async () => {
  const spec = specWith(1);
  const { issueCertificates } = await import('../../../layers/pki/certificates.ts');
  const { user, system } = await issueCertificates({
    clusterId: spec.clusterId,
    masters: spec.masters,
    apiAddresses: [],
    apiNames: [],
    serviceCidr: spec.serviceCidr,
    systemServiceCidr: spec.systemServiceCidr,
    now: new Date(),
  });
  expect(await handshake(user.admin, user.apiserver, user.ca, user.ca)).toEqual({ authorized: true, name: 'moorage' });
  expect((await handshake(system.admin, user.apiserver, user.ca, user.ca)).authorized).toBe(false);
  expect((await handshake(undefined, user.apiserver, user.ca, user.ca)).authorized).toBe(false);
  await expect(handshake(user.admin, user.apiserver, system.ca, user.ca)).rejects.toThrow(
    /unable to verify|self-signed|signature|certificate/i,
  );
  const { etcdServer, etcdPeer } = system.masters['shop-master-0']!;
  expect((await handshake(etcdPeer, etcdServer, system.etcdCa, system.etcdCa)).authorized).toBe(true);
});
