/** Certificate authorities and what they sign: ECDSA P-256 throughout, as PEM text. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(crypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Clocks of new machines may lag: what is issued has been valid for a while. */
const backdatedMs = 10 * minuteMs;

export const authorityLifeMs = 3650 * dayMs;
export const leafLifeMs = 365 * dayMs;

/** A certificate with its private key (PKCS #8), both PEM. */
export interface KeyPair {
  certPem: string;
  keyPem: string;
}

/** A bare key pair, for signing service-account tokens. */
export interface SigningKeys {
  publicPem: string;
  privatePem: string;
}

export type Usage = 'server' | 'client' | 'peer';

export interface LeafInput {
  commonName: string;
  organization?: string | string[];
  usage: Usage;
  addresses?: readonly string[];
  names?: readonly string[];
  now: Date;
  /** A year when left out; never beyond the authority's own end. */
  validForMs?: number;
}

const pem = (label: string, der: ArrayBuffer): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
};
const certificatePem = (certificate: x509.X509Certificate): string => pem('CERTIFICATE', certificate.rawData);
const privatePem = async (key: CryptoKey): Promise<string> =>
  pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', key));
const newKeys = async (): Promise<CryptoKeyPair> =>
  (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;

async function importKey(keyPem: string): Promise<CryptoKey> {
  const der = Buffer.from(keyPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  return crypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
}

const subject = (commonName: string, organization: string | string[] = []): x509.JsonName => {
  const organizations = [organization].flat();
  // Structured, not a string: a comma in a name must not start another attribute.
  return [...organizations.map((one) => ({ O: [one] })), { CN: [commonName] }];
};

const extendedUsages = (usage: Usage): x509.ExtendedKeyUsage[] => [
  ...(usage === 'client' ? [] : [x509.ExtendedKeyUsage.serverAuth]),
  ...(usage === 'server' ? [] : [x509.ExtendedKeyUsage.clientAuth]),
];

/** A self-signed authority, valid for ten years. */
export async function newAuthority(commonName: string, now: Date): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject(commonName),
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now.getTime() - backdatedMs),
    notAfter: new Date(now.getTime() + authorityLifeMs),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: certificatePem(certificate), keyPem: await privatePem(keys.privateKey) };
}

/**
 * The authority's certificate once more, signed by another authority: presented beside what the authority has signed, it lets those
 * who trust the other one alone accept that as well. Valid for as long as both are.
 */
export async function crossSign(authority: KeyPair, by: KeyPair, now: Date): Promise<string> {
  const [own, issuer] = [new x509.X509Certificate(authority.certPem), new x509.X509Certificate(by.certPem)];
  const publicKey = await own.publicKey.export();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: own.subjectName,
    issuer: issuer.subjectName,
    publicKey,
    signingKey: await importKey(by.keyPem),
    signingAlgorithm: algorithm,
    notBefore: new Date(now.getTime() - backdatedMs),
    notAfter: new Date(Math.min(own.notAfter.getTime(), issuer.notAfter.getTime())),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return certificatePem(certificate);
}

/** A certificate for somebody else's public key: the part that issuing and signing requests share. */
export async function certify(
  authority: KeyPair,
  publicKey: x509.PublicKey | CryptoKey,
  leaf: LeafInput,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certPem);
  const alternatives = [
    ...(leaf.names ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(leaf.addresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const end = Math.min(leaf.now.getTime() + (leaf.validForMs ?? leafLifeMs), issuer.notAfter.getTime());
  const certificate = await x509.X509CertificateGenerator.create({
    subject: subject(leaf.commonName, leaf.organization),
    issuer: issuer.subjectName,
    publicKey,
    signingKey: await importKey(authority.keyPem),
    signingAlgorithm: algorithm,
    notBefore: new Date(leaf.now.getTime() - backdatedMs),
    notAfter: new Date(end),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(extendedUsages(leaf.usage)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
    ],
  });
  return certificatePem(certificate);
}

/** A new key and its certificate, signed by `authority`. */
export async function issue(authority: KeyPair, leaf: LeafInput): Promise<KeyPair> {
  const keys = await newKeys();
  return { certPem: await certify(authority, keys.publicKey, leaf), keyPem: await privatePem(keys.privateKey) };
}

/** A client certificate: what a short-lived kubeconfig carries. */
export async function issueClientCertificate(
  ca: KeyPair,
  input: { commonName: string; organization: string | string[]; validForMs: number; now: Date },
): Promise<KeyPair> {
  return issue(ca, { ...input, usage: 'client' });
}

/** Keys for service-account tokens, in the forms that kube-apiserver and kube-controller-manager read. */
export async function newSigningKeys(): Promise<SigningKeys> {
  const keys = await newKeys();
  return {
    publicPem: pem('PUBLIC KEY', await crypto.subtle.exportKey('spki', keys.publicKey)),
    privatePem: await privatePem(keys.privateKey),
  };
}
