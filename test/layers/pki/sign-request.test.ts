import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, expect, test } from 'vitest';
import { newAuthority, type KeyPair } from '../../../layers/pki/authority.ts';
import { RequestRefused, signRequest, type RequestChecks } from '../../../layers/pki/sign-request.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const now = new Date('2026-11-24T12:00:00Z');
const checks: RequestChecks = {
  commonName: 'system:node:shop-blue-4',
  organization: ['system:nodes'],
  usage: 'server',
  names: ['shop-blue-4'],
  addresses: ['10.0.0.44'],
  validForMs: 86_400_000,
  now,
};

let ca: KeyPair;
beforeAll(async () => {
  ca = await newAuthority('kubernetes', now);
});

async function request(change: { name?: string; names?: x509.JsonGeneralNames } = {}): Promise<string> {
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const names = change.names ?? [
    { type: 'dns', value: 'shop-blue-4' },
    { type: 'ip', value: '10.0.0.44' },
  ];
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: change.name ?? 'O=system:nodes, CN=system:node:shop-blue-4',
    keys,
    signingAlgorithm: algorithm,
    extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  });
  return csr.toString('pem');
}

test('signs a request that asks for what it may have', async () => {
  const certificate = new X509Certificate(await signRequest(ca, await request(), checks));
  expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:shop-blue-4');
  expect(certificate.subjectAltName).toBe('DNS:shop-blue-4, IP Address:10.0.0.44');
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  expect(certificate.ca).toBe(false);
});

test.each([
  ['another node', { name: 'O=system:nodes, CN=system:node:shop-blue-5' }],
  ['another group', { name: 'O=system:masters, CN=system:node:shop-blue-4' }],
  ['one group more', { name: 'O=system:nodes, O=system:masters, CN=system:node:shop-blue-4' }],
  ['an address that is not its own', { names: [{ type: 'ip', value: '10.0.0.45' }] as x509.JsonGeneralNames }],
  ['a name that is not its own', { names: [{ type: 'dns', value: 'kubernetes' }] as x509.JsonGeneralNames }],
  ['a name of another type', { names: [{ type: 'url', value: 'spiffe://x' }] as x509.JsonGeneralNames }],
])('refuses %s', async (_, change) => {
  await expect(signRequest(ca, await request(change), checks)).rejects.toThrow(RequestRefused);
});

test('refuses a request that was changed after it was signed', async () => {
  const der = Buffer.from((await request()).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const at = der.indexOf('shop-blue-4');
  der.write('shop-blue-9', at);
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
  await expect(signRequest(ca, changed, { ...checks, commonName: 'system:node:shop-blue-9' })).rejects.toThrow(
    /signature/,
  );
});
