import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyPair } from '../../../layers/pki/authority.ts';
import { issueCertificates, type CertificatesInput, type ClusterCertificates } from '../../../layers/pki/certificates.ts';
import { clientAuthorities, rotate, type Stage } from '../../../layers/pki/rotate-authority.ts';
import { isTrusted } from '../../../local/machines/trust.ts';
import { specWith } from '../kubernetes/fixtures.ts';

const spec = specWith(1);
const input: CertificatesInput = {
  clusterId: spec.clusterId, masters: spec.masters, apiAddresses: ['203.0.113.5'], apiNames: [], serviceCidr: spec.serviceCidr,
  systemServiceCidr: spec.systemServiceCidr, now: new Date(),
};
const to = async (before: ClusterCertificates, stage: Stage, operationId = 'first'): Promise<ClusterCertificates> =>
  (await rotate(before, stage, operationId, input))!;

let old: ClusterCertificates;
let prepared: ClusterCertificates;
let issued: ClusterCertificates;
let over: ClusterCertificates;
beforeAll(async () => {
  old = await issueCertificates(input);
  prepared = await to(old, 'prepared');
  issued = await to(prepared, 'issued');
  over = await to(issued, 'over');
});

/** Whether client and server end up talking, each trusting the authorities that it is given. */
async function talk(client: KeyPair, server: KeyPair, clientTrusts: string, serverTrusts: string): Promise<boolean> {
  const seen = Promise.withResolvers<boolean>();
  const listener = createServer({ cert: server.certPem, key: server.keyPem, ca: serverTrusts, requestCert: true, rejectUnauthorized: false },
    (socket: TLSSocket) => { seen.resolve(socket.authorized); socket.end(); });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const socket = connect({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port, ca: clientTrusts, cert: client.certPem, key: client.keyPem });
  socket.on('error', () => seen.resolve(false));
  socket.resume();
  try {
    return await seen.promise;
  } finally {
    socket.destroy();
    listener.close();
  }
}

const apiOf = ({ user }: ClusterCertificates) => [user.apiserver, clientAuthorities(user)] as const;

describe('whoever talks to API servers of the stage before, or of this one, is let in', () => {
  // An API server of one stage, and a client that has what that stage or the one before or after gave it.
  test.each([
    ['an old client', 'one that is prepared', () => [old, prepared]], ['an old client', 'one that issues', () => [old, issued]],
    ['a new client', 'one that issues', () => [issued, issued]], ['a new client', 'one that is prepared', () => [issued, prepared]],
    ['a new client', 'one that knows the new authority alone', () => [over, over]], ['a client of before the end', 'one of after it', () => [issued, over]],
    ['a client of after the end', 'one of before it', () => [over, issued]], ['a client that is prepared', 'an old one', () => [prepared, old]],
  ] as [string, string, () => [ClusterCertificates, ClusterCertificates]][])('%s by %s', async (_client, _server, of) => {
    const [client, server] = of();
    const [serving, trusted] = apiOf(server);
    expect(await talk(client.user.admin, serving, client.user.ca.certPem, trusted)).toBe(true);
    expect(isTrusted(serving.certPem, client.user.ca.certPem) && isTrusted(client.user.admin.certPem, trusted)).toBe(true);
  });

  test('kubelets, which know one authority alone, let API servers in that know both', async () => {
    for (const kubelet of [old, issued]) {
      for (const { user } of [prepared, issued]) expect(await talk(user.apiserverKubeletClient, kubelet.user.apiserver, kubelet.user.ca.certPem + old.user.ca.certPem, kubelet.user.ca.certPem)).toBe(true);
    }
  });
});

test('in the end neither side knows the old authority any more', async () => {
  const [serving, trusted] = apiOf(over);
  expect(await talk(old.user.admin, serving, over.user.ca.certPem, trusted)).toBe(false);
  expect(await talk(over.user.admin, serving, old.user.ca.certPem, trusted)).toBe(false);
  expect(trusted).toBe(over.user.ca.certPem);
  const text = JSON.stringify(over);
  expect(text).not.toContain(JSON.stringify(old.user.ca.certPem).slice(1, -1));
  // Its key is gone as soon as it signs no more.
  expect(JSON.stringify(issued)).not.toContain(JSON.stringify(old.user.ca.keyPem).slice(1, -1));
});

test('API servers get the same files for both stages in which they trust both', () => {
  expect(clientAuthorities(issued.user)).toBe(clientAuthorities(prepared.user));
  expect([issued.user.apiserver, issued.user.apiserverKubeletClient]).toEqual([prepared.user.apiserver, prepared.user.apiserverKubeletClient]);
  // Everything else is as it was until API servers trust both.
  const { apiserver: _serving, apiserverKubeletClient: _kubelet, alsoTrusted: _new, ...rest } = prepared.user;
  const { apiserver: _own, apiserverKubeletClient: _client, ...before } = old.user;
  expect(rest).toEqual(before);
});

test('everything that the authority signs is of the new one then; other authorities, keys and masters stay as they are', () => {
  const names = ['admin', 'apiserver', 'apiserverKubeletClient', 'controllerManager', 'scheduler', 'konnectivityClient', 'cloudNode', 'cloudService', 'cinderCsi'] as const;
  const authority = new X509Certificate(over.user.ca.certPem);
  for (const name of names) {
    expect(new X509Certificate(over.user[name].certPem).checkIssued(authority), name).toBe(true);
    expect(new X509Certificate(over.user[name].certPem).subject, name).toBe(new X509Certificate(old.user[name].certPem).subject);
    expect(new X509Certificate(over.user[name].certPem).subjectAltName, name).toBe(new X509Certificate(old.user[name].certPem).subjectAltName);
    expect(over.user[name].keyPem).not.toBe(old.user[name].keyPem);
  }
  expect(over.system).toEqual(old.system);
  const others = ['etcdCa', 'frontProxyCa', 'konnectivityCa', 'serviceAccount', 'encryptionKey', 'apiserverEtcdClient', 'frontProxyClient', 'konnectivityServer', 'etcd'] as const;
  for (const name of others) expect(over.user[name]).toEqual(old.user[name]);
});

describe('a stage', () => {
  test('that has been reached is not made again, whoever asks', async () => {
    for (const [certificates, reached] of [[prepared, ['prepared']], [issued, ['prepared', 'issued']], [over, ['prepared', 'issued', 'over']]] as const) {
      for (const stage of reached) expect(await rotate(certificates, stage, 'first', input)).toBeUndefined();
    }
  });

  test('comes after the one before', async () => {
    await expect(rotate(old, 'issued', 'first', input)).rejects.toThrow('prepared comes first');
    await expect(rotate(prepared, 'over', 'first', input)).rejects.toThrow('issued comes first');
    await expect(rotate(over, 'issued', 'second', input)).rejects.toThrow('prepared comes first');
    await expect(rotate(issued, 'prepared', 'second', input)).rejects.toThrow('is being rotated by operation first');
  });

  test('of a second rotation has an authority of another name', async () => {
    const again = await to(await to(over, 'prepared', 'second'), 'issued', 'second');
    const names = [old, over, again].map(({ user }) => new X509Certificate(user.ca.certPem).subject);
    expect(names).toEqual([`CN=kubernetes-${spec.clusterId}`, `CN=kubernetes-${spec.clusterId}-2`, `CN=kubernetes-${spec.clusterId}-3`]);
  });
});
