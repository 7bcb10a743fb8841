/** Signs the request that kubectl's administrators send, and nothing else. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { KeyPair } from './authority.ts';
import { RequestRefused, signRequest } from './sign-request.ts';

/** As magnumclient and Terraform ask; other parts of the subject are not taken over. */
const subject = { commonName: 'admin', organization: ['system:masters'] };
const leastRsaBits = 2_048;
const mostRsaBits = 8_192;
const curves = ['P-256', 'P-384', 'P-521'];
const hashes = ['SHA-256', 'SHA-384', 'SHA-512'];

/**
 * The client certificate (PEM) of an administrator of the user's cluster: the subject is fixed, there are no alternative
 * names, and it can only be a client. Throws RequestRefused for any other request, and for keys that are too weak.
 */
export async function signAdminRequest(ca: KeyPair, csrPem: string, validity: { validForMs: number; now: Date }): Promise<string> {
  requireStrong(parse(csrPem));
  return signRequest(ca, csrPem, { ...subject, usage: 'client', names: [], addresses: [], ...validity });
}

function parse(csrPem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(csrPem);
  } catch {
    throw new RequestRefused('Certificate request refused: it is not a certificate signing request in PEM');
  }
}

function requireStrong({ publicKey, signatureAlgorithm }: x509.Pkcs10CertificateRequest): void {
  const { name, modulusLength, namedCurve } = publicKey.algorithm as RsaHashedKeyAlgorithm & EcKeyAlgorithm;
  const isRsa = name.startsWith('RSA') && modulusLength >= leastRsaBits && modulusLength <= mostRsaBits;
  const isCurve = name === 'ECDSA' && curves.includes(namedCurve);
  if (!isRsa && !isCurve) {
    throw new RequestRefused(`Certificate request refused: its key must be RSA of ${leastRsaBits} to ${mostRsaBits} bits, or on ${curves.join(', ')}`);
  }
  const { hash } = signatureAlgorithm as { hash?: { name: string } };
  if (!hash || !hashes.includes(hash.name)) {
    throw new RequestRefused(`Certificate request refused: it must be signed with ${hashes.join(', ')}`);
  }
}
