/** Nova's microversions: what a call asks for, and what that means for it. */
import { Refusal } from '../refusal.ts';
import type { Call } from '../service.ts';

const LOWEST = 1;
const HIGHEST = 93;

/** The minor version asked for: 2.<minor>; 2.1 without a header. Refuses what this Nova does not have. */
export function minorVersion(call: Call): number {
  const header = call.headers['openstack-api-version'];
  const asked = /^compute\s+(.+)$/i.exec(header ?? '')?.[1] ?? call.headers['x-openstack-nova-api-version'];
  if (asked === undefined) return LOWEST;
  if (asked === 'latest') return HIGHEST;
  const match = /^(\d+)\.(\d+)$/.exec(asked);
  if (!match) {
    throw new Refusal(400, `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  }
  const minor = Number(match[2]);
  if (match[1] === '2' && minor >= LOWEST && minor <= HIGHEST) return minor;
  throw new Refusal(406, `Version ${asked} is not supported by the API. Minimum is 2.${LOWEST} and maximum is `
    + `2.${HIGHEST}.`);
}

/** The version headers of an answer. */
export function versionHeaders(call: Call): Record<string, string> {
  let version = '2.1';
  try {
    version = `2.${minorVersion(call)}`;
  } catch {
    // an answer to a version that does not exist names the lowest
  }
  return {
    'Openstack-Api-Version': `compute ${version}`, 'X-Openstack-Nova-Api-Version': version,
    'Vary': 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
  };
}
