import { describe, expect, it } from 'vitest';
import { flatten, requireEndpoint, withVersion } from '../../../layers/openstack/catalogue.ts';
import { OpenStackError } from '../../../layers/openstack/error.ts';

it.each([
  ['http://cloud:9696', 'v2.0', 'http://cloud:9696/v2.0'],
  ['http://cloud:9696/', 'v2.0', 'http://cloud:9696/v2.0'],
  ['http://cloud:9696/v2.0/', 'v2.0', 'http://cloud:9696/v2.0'],
  ['https://cloud/load-balancer', 'v2', 'https://cloud/load-balancer/v2'],
  ['https://cloud/load-balancer/v2.0', 'v2', 'https://cloud/load-balancer/v2.0'],
  ['https://cloud/image/v2', 'v2', 'https://cloud/image/v2'],
  ['http://cloud:8776/v3/ba88757b', 'v3', 'http://cloud:8776/v3/ba88757b'],
  ['https://v3.cloud/identity', 'v3', 'https://v3.cloud/identity/v3'],
  ['https://cloud/vault', 'v3', 'https://cloud/vault/v3'],
])('%s with %s is %s', (url, version, expected) => {
  expect(withVersion(url, version)).toBe(expected);
});

describe('an endpoint', () => {
  const catalogue = flatten([
    {
      type: 'network',
      endpoints: [
        { interface: 'internal', region_id: 'A', url: 'http://internal-a' },
        { interface: 'public', region_id: 'A', url: 'http://public-a' },
        { interface: 'public', region_id: 'B', url: 'http://public-b' },
      ],
    },
    { type: 'block-storage', endpoints: [{ interface: 'public', region_id: 'A', url: 'http://volumes/v3/p' }] },
  ]);

  it('is found by service, interface and region', () => {
    expect(requireEndpoint(catalogue, { service: 'network', interface: 'public', region: 'B' })).toBe(
      'http://public-b/v2.0',
    );
    expect(requireEndpoint(catalogue, { service: 'network', interface: 'internal', region: undefined })).toBe(
      'http://internal-a/v2.0',
    );
  });

  it('is found under any of its service\'s names', () => {
    const volumev3 = flatten([
      { type: 'volumev3', endpoints: [{ interface: 'public', region_id: 'A', url: 'http://old/v3/p' }] },
    ]);
    expect(requireEndpoint(catalogue, { service: 'block-storage', interface: 'public', region: 'A' })).toBe(
      'http://volumes/v3/p',
    );
    expect(requireEndpoint(volumev3, { service: 'block-storage', interface: 'public', region: 'A' })).toBe(
      'http://old/v3/p',
    );
  });

  it('that is missing says which', () => {
    const look = (): string =>
      requireEndpoint(catalogue, { service: 'load-balancer', interface: 'public', region: 'A' });
    expect(look).toThrow(OpenStackError);
    expect(look).toThrow('no public endpoint of type load-balancer in region A');
  });
});
