import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import { signAdminRequest } from '../../../layers/pki/admin-request.ts';
import { newAuthority, type KeyPair } from '../../../layers/pki/authority.ts';

const now = new Date('2026-11-27T00:00:00Z');
const validity = { validForMs: 86_400_000, now };
let ca: KeyPair;
beforeAll(async () => { ca = await newAuthority('kubernetes', now); });

const rsa = (modulusLength: number, hash = 'SHA-256') => ({ name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash });
const curve = (namedCurve: string, hash = 'SHA-256') => ({ name: 'ECDSA', namedCurve, hash });

async function request(name: string, algorithm: ReturnType<typeof rsa> | ReturnType<typeof curve>, extensions: x509.Extension[] = []): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm as RsaHashedKeyGenParams, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm, extensions });
  return csr.toString('pem');
}

const asked = 'CN=admin, O=system:masters';

describe('what kubectl\'s administrators ask for is signed', () => {
  test.each([
    ['by magnumclient', asked, rsa(2048)], ['by Terraform', `${asked}, OU=terraform`, rsa(4096, 'SHA-512')], ['by hand', `C=US, ST=TX, L=Austin, ${asked}`, rsa(3072)],
    ['with a curve', asked, curve('P-256')], ['with a larger curve', asked, curve('P-384', 'SHA-384')],
  ])('%s', async (_, name, algorithm) => {
    const certificate = new x509.X509Certificate(await signAdminRequest(ca, await request(name, algorithm), validity));
    expect(await certificate.verify({ publicKey: new x509.X509Certificate(ca.certPem).publicKey, date: now })).toBe(true);
    // Nothing but these two, whatever else was in it.
    expect(certificate.subjectName.toJSON()).toEqual([{ O: ['system:masters'] }, { CN: ['admin'] }]);
    expect(certificate.getExtension(x509.ExtendedKeyUsageExtension)!.usages).toEqual([x509.ExtendedKeyUsage.clientAuth]);
    expect(certificate.getExtension(x509.BasicConstraintsExtension)!.ca).toBe(false);
    expect(certificate.notAfter).toEqual(new Date('2026-11-28T00:00:00Z'));
  });

  test('and nothing of what it must not be gets in by extensions', async () => {
    const wanted = [new x509.BasicConstraintsExtension(true, undefined, true), new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth])];
    const certificate = new x509.X509Certificate(await signAdminRequest(ca, await request(asked, curve('P-256'), wanted), validity));
    expect(certificate.getExtension(x509.BasicConstraintsExtension)!.ca).toBe(false);
    expect(certificate.getExtension(x509.ExtendedKeyUsageExtension)!.usages).toEqual([x509.ExtendedKeyUsage.clientAuth]);
  });
});

describe('anything else is refused', () => {
  test.each([
    ['another name', 'CN=system:node:a, O=system:masters', 'its name is'], ['a second name', 'CN=admin, CN=other, O=system:masters', 'its name is'],
    ['no name', 'O=system:masters', 'its name is'], ['another group', 'CN=admin, O=system:nodes', 'its groups are'],
    ['a second group', 'CN=admin, O=system:masters, O=system:nodes', 'its groups are'], ['no group', 'CN=admin', 'its groups are'],
  ])('%s', async (_, name, why) => {
    await expect(signAdminRequest(ca, await request(name, curve('P-256')), validity)).rejects.toThrow(why);
  });

  test('names of hosts', async () => {
    const names = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'kubernetes.default.svc' }]);
    await expect(signAdminRequest(ca, await request(asked, curve('P-256'), [names]), validity)).rejects.toThrow('it asks for kubernetes.default.svc');
  });

  test.each([['a weak key', rsa(1024)], ['a weak hash', rsa(2048, 'SHA-1')]])('%s', async (_, algorithm) => {
    await expect(signAdminRequest(ca, await request(asked, algorithm), validity)).rejects.toThrow(/key must be|must be signed/);
  });

  test.each(['', 'nonsense', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'])('%j', async (text) => {
    await expect(signAdminRequest(ca, text, validity)).rejects.toThrow('Certificate request refused');
  });

  test('one that another key has signed', async () => {
    const csr = await request(asked, curve('P-256'));
    const der = Buffer.from(csr.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 4]! ^= 1;
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    await expect(signAdminRequest(ca, text, validity)).rejects.toThrow('its signature does not fit');
  });
});
