/** Whether one side of a TLS connection accepts what the other presents, as Kubernetes' programs do. */
import { X509Certificate } from 'node:crypto';

/** The certificates of a PEM file, in its order. */
export const certificatesIn = (pem: string): X509Certificate[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)].map(([text]) => new X509Certificate(text));

/** Whether the first certificate of `chain` leads to one of `authorities`, over the others of the chain where it must. */
export function isTrusted(chain: string, authorities: string): boolean {
  const key = chain + authorities;
  const known = answers.get(key);
  if (known !== undefined) return known;
  const [leaf, ...between] = certificatesIn(chain);
  const answer = leaf !== undefined && leads(leaf, between, certificatesIn(authorities));
  if (answers.size > 500) answers.clear();
  answers.set(key, answer);
  return answer;
}

/** Every change of a cluster asks anew. */
const answers = new Map<string, boolean>();

const issuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

const leads = (certificate: X509Certificate, between: readonly X509Certificate[], authorities: readonly X509Certificate[]): boolean =>
  authorities.some((authority) => issuedBy(certificate, authority))
  || between.some((issuer) => issuedBy(certificate, issuer) && leads(issuer, between.filter((other) => other !== issuer), authorities));
