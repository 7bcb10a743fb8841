/** Links in the Magnum API's answers. */
import type { Event } from '../http/open.ts';
import type { MagnumLink } from '../../schemas/generated/types.ts';

/** Where the client reached us. The gateway tells by which protocol; without one there is no TLS. */
export function baseOf({ headers, requestContext }: Event): string {
  const host = headers.host ?? requestContext.domainName;
  return `${headers['x-forwarded-proto'] ?? 'http'}://${host}`;
}

/** As Magnum makes them: to the resource with its version, and without. */
export const linksOf = (base: string, ...path: string[]): MagnumLink[] => [
  { href: [base, 'v1', ...path].join('/'), rel: 'self' },
  { href: [base, ...path].join('/'), rel: 'bookmark' },
];

const resources = 'clusters|clustertemplates|certificates|credentials|quotas|stats|mservices|federations|bays|baymodels';
/** Magnum may be below a path of its own. */
const magnums = new RegExp(`^https?://[^/]+(?:/[^/]+)*?((?:/v1)?/(?:${resources})(?:[/?].*)?)$`);

/** A link of Magnum's, pointing to us: it builds them out of the address it was called at, which clients may not reach. */
export const ourLink = (link: string, base: string): string => link.replace(magnums, `${base}$1`);

/** The body of Magnum's answer with its links pointing to us. */
export const withOurLinks = (body: string, base: string): string =>
  body.replace(/("(?:href|next)":\s*")(https?:[^"]+)(?=")/g, (_, key: string, link: string) => `${key}${ourLink(link, base)}`);
