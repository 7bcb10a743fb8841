/** Microversions: which words of the Magnum API a request is in. */
import { HttpError } from '../http/http-error.ts';
import { refused } from './errors.ts';
import { unsupportedCode, versions } from './range.ts';

const header = 'OpenStack-API-Version';
const names = ['container-infra', 'container-infrastructure', 'container-infrastructure-management'];

/** What was asked for; `name` is the service's, as the client calls it. */
export interface Microversion { name: string; minor: number }

/** Of the request's header, 1.1 without one. Throws 406 for what cannot be read or is not supported. */
export function microversionOf(text: string | undefined): Microversion {
  const [name = '', version = '', ...more] = (text ?? `${names[0]} 1.${versions.least}`).trim().split(/\s+/);
  if (!names.includes(name) || more.length > 0) throw refused(406, `Invalid service type for ${header} header.`);
  if (version.toLowerCase() === 'latest') return { name, minor: versions.most };
  const match = /^(\d{1,4})\.(\d{1,4})$/.exec(version);
  if (!match) throw refused(406, `Invalid value for ${header} header.`);
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major !== 1 || minor < versions.least || minor > versions.most) throw unsupported(name, version);
  return { name, minor };
}

/** 406 with the range that is supported, in a form of its own. */
function unsupported(name: string, version: string): HttpError {
  const message = `Version ${version} is not supported; 1.${versions.least} to 1.${versions.most} are.`;
  return new HttpError({ status: 406, code: unsupportedCode, message, headers: { ...rangeHeaders(name), [header]: `${name} ${version}` } });
}

const rangeHeaders = (name: string): Record<string, string> => ({
  'OpenStack-API-Minimum-Version': `${name} 1.${versions.least}`,
  'OpenStack-API-Maximum-Version': `${name} 1.${versions.most}`,
  Vary: header,
});

/** What every answer says of versions. */
export const versionHeaders = ({ name, minor }: Microversion): Record<string, string> =>
  ({ ...rangeHeaders(name), [header]: `${name} 1.${minor}` });
