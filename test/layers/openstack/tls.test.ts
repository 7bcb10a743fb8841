import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { expect, it } from 'vitest';
import { path } from '../../../layers/openstack/path.ts';
import { createTransport, type TransportRequest } from '../../../layers/openstack/transport.ts';
import { errorOf } from './service.ts';

it('trusts the authority it is given, and no other', async () => {
  const { certificate, key } = await selfSigned();
  const server = https.createServer({ cert: certificate, key }, (_, response) => response.end('{"ok":true}'));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request: TransportRequest = {
    service: 'network',
    method: 'GET',
    endpoint,
    path: path`/`,
    query: '',
    headers: {},
  };

  expect(await createTransport({ ca: certificate }).send(request)).toMatchObject({ body: { ok: true } });
  expect(await errorOf(createTransport({ retries: 0 }).send(request))).toMatchObject({
    status: 0,
    type: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  server.closeAllConnections();
  server.close();
});

async function selfSigned(): Promise<{ certificate: string; key: string }> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3600_000),
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(der, 'PRIVATE KEY') };
}
