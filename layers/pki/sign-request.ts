/** Signs what a machine asks for, if it asks for no more than it may. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { certify, type KeyPair, type Usage } from './authority.ts';

/** What a certificate signing request must say. */
export interface RequestChecks {
  commonName: string;
  organization: string[];
  usage: Usage;
  /** All that it may ask for; it may ask for fewer. */
  names: string[];
  addresses: string[];
  validForMs: number;
  now: Date;
}

/** A request that asks for what it must not have, or that its sender's key did not sign. */
export class RequestRefused extends Error {
  override name = 'RequestRefused';
}

const refuse = (why: string): never => {
  throw new RequestRefused(`Certificate request refused: ${why}`);
};

function alternativesOf(request: x509.Pkcs10CertificateRequest): { names: string[]; addresses: string[] } {
  const found = request.extensions.find((extension) => extension instanceof x509.SubjectAlternativeNameExtension);
  const items = found?.names.items ?? [];
  const other = items.find(({ type }) => type !== 'dns' && type !== 'ip');
  if (other) refuse(`it asks for an alternative name of type ${other.type}`);
  return {
    names: items.filter(({ type }) => type === 'dns').map(({ value }) => value),
    addresses: items.filter(({ type }) => type === 'ip').map(({ value }) => value),
  };
}

/** The signed certificate (PEM). Throws RequestRefused unless subject and alternative names are within `checks`. */
export async function signRequest(ca: KeyPair, csrPem: string, checks: RequestChecks): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(csrPem);
  if (!(await request.verify())) refuse('its signature does not fit its key');
  const commonName = request.subjectName.getField('CN');
  if (commonName.length !== 1 || commonName[0] !== checks.commonName)
    refuse(`its name is ${commonName.join(', ')}, not ${checks.commonName}`);
  const organization = request.subjectName.getField('O').toSorted();
  if (organization.join() !== checks.organization.toSorted().join())
    refuse(`its groups are ${organization.join(', ')}`);
  const { names, addresses } = alternativesOf(request);
  const beyond = [
    ...names.filter((name) => !checks.names.includes(name)),
    ...addresses.filter((one) => !checks.addresses.includes(one)),
  ];
  if (beyond.length > 0) refuse(`it asks for ${beyond.join(', ')}`);
  return certify(ca, request.publicKey, {
    commonName: checks.commonName,
    organization: checks.organization,
    usage: checks.usage,
    names,
    addresses,
    now: checks.now,
    validForMs: checks.validForMs,
  });
}
