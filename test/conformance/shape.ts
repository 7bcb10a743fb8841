/** What two answers have in common, and what not: status, headers of the API, and the shape of the body. */

export interface Answer { status: number; headers: Record<string, string>; body: unknown }

/** One thing that is not the same: `status 400 ≠ 404`, `body .clusters[].name: missing`. */
export type Difference = string;

const apiHeaders = ['content-type', 'openstack-api-version', 'openstack-api-minimum-version', 'openstack-api-maximum-version', 'vary', 'www-authenticate', 'location', 'allow'];

/** What of `ours` is not as `theirs`. Null is of every type, and a list's items are compared with its first. */
export function differences(theirs: Answer, ours: Answer): Difference[] {
  return [
    ...(theirs.status === ours.status ? [] : [`status ${ours.status} for ${theirs.status}`]),
    ...apiHeaders.flatMap((name) => headerDifference(name, theirs.headers[name], ours.headers[name])),
    ...bodyDifferences(theirs.body, ours.body, 'body'),
  ];
}

function headerDifference(name: string, theirs: string | undefined, ours: string | undefined): Difference[] {
  if ((theirs === undefined) !== (ours === undefined)) return [`header ${name} ${ours === undefined ? 'missing' : 'added'}`];
  // Versions differ by what either speaks; which one was used must not.
  const isVersion = name === 'openstack-api-version';
  return isVersion && theirs !== ours ? [`header ${name}: ${ours} for ${theirs}`] : [];
}

function bodyDifferences(theirs: unknown, ours: unknown, path: string): Difference[] {
  if (theirs === null || ours === null || theirs === undefined || ours === undefined) {
    return theirs === undefined && ours !== undefined ? [`${path} added`] : ours === undefined && theirs !== undefined ? [`${path} missing`] : [];
  }
  if (Array.isArray(theirs) && Array.isArray(ours)) return theirs.length > 0 && ours.length > 0 ? bodyDifferences(theirs[0], ours[0], `${path}[]`) : [];
  if (typeof theirs !== typeof ours || Array.isArray(theirs) !== Array.isArray(ours)) return [`${path}: ${typeof ours} for ${typeof theirs}`];
  if (typeof theirs !== 'object') return [];
  if (isMap(path)) return [];
  const [a, b] = [theirs as Record<string, unknown>, ours as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => bodyDifferences(a[key], b[key], `${path}.${key}`));
}

/** Maps of the user's own keys. */
const isMap = (path: string): boolean => /\.(labels\w*|health_status_reason|faults)$/.test(path);
