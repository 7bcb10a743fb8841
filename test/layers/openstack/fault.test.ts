import { describe, expect, it } from 'vitest';
import type { Service } from '../../../layers/openstack/error.ts';
import { readFault } from '../../../layers/openstack/fault.ts';

const read = (service: Service, status: number, body: unknown): ReturnType<typeof readFault> => (
  readFault(service, status, typeof body === 'string' ? body : JSON.stringify(body))
);

describe('the error formats of the services', () => {
  it.each<[Service, number, unknown, string, string]>([
    [
      'network',
      409,
      {
        NeutronError: {
          type: 'IpAddressAlreadyAllocated',
          message: 'IP address 100.96.0.10 already allocated.',
          detail: '',
        },
      },
      'IpAddressAlreadyAllocated',
      'IP address 100.96.0.10 already allocated.',
    ],
    ['network', 400, { NeutronError: 'only a text' }, 'NeutronError', 'only a text'],
    [
      'compute',
      403,
      { forbidden: { code: 403, message: "Policy doesn't allow" } },
      'forbidden',
      "Policy doesn't allow",
    ],
    ['compute', 400, { badRequest: { code: 400, message: 'Invalid input' } }, 'badRequest', 'Invalid input'],
    [
      'block-storage',
      404,
      { itemNotFound: { code: 404, message: 'Volume x could not be found.' } },
      'itemNotFound',
      'Volume x could not be found.',
    ],
    [
      'load-balancer',
      409,
      { faultcode: 'Client', faultstring: 'Load Balancer x is immutable', debuginfo: 'trace' },
      'Client',
      'Load Balancer x is immutable',
    ],
    [
      'identity',
      409,
      { error: { code: 409, title: 'Conflict', message: 'Duplicate entry found' } },
      'Conflict',
      'Duplicate entry found',
    ],
    [
      'compute',
      401,
      { error: { code: 401, title: 'Unauthorized', message: 'requires authentication' } },
      'Unauthorized',
      'requires authentication',
    ],
    [
      'image',
      403,
      { code: '403 Forbidden', title: 'Forbidden', message: 'You are not authorized' },
      'Forbidden',
      'You are not authorized',
    ],
    [
      'image',
      404,
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n' +
        '  No image found with ID x<br /><br />\n\n </body>\n</html>',
      'HTTP 404',
      'No image found with ID x',
    ],
    [
      'container-infra',
      404,
      { errors: [{ code: 'client', status: 404, title: 'Not found', detail: 'Cluster x could not be found.' }] },
      'client',
      'Cluster x could not be found.',
    ],
    [
      'orchestration',
      404,
      {
        code: 404,
        title: 'Not Found',
        error: { type: 'EntityNotFound', message: 'The Stack (x) could not be found.', traceback: null },
      },
      'EntityNotFound',
      'The Stack (x) could not be found.',
    ],
    [
      'compute',
      502,
      '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>',
      'HTTP 502',
      '502 Bad Gateway',
    ],
    ['network', 500, '', 'HTTP 500', 'network answered 500 without saying why'],
    ['network', 500, '[]', 'HTTP 500', '[]'],
    ['network', 500, 'null', 'HTTP 500', 'null'],
    ['network', 500, '{}', 'HTTP 500', 'network answered 500 without saying why'],
  ])('%s %i %j', (service, status, body, type, message) => {
    expect(read(service, status, body)).toEqual({ type, message, quota: false });
  });
});

describe('a spent quota', () => {
  it.each<[Service, number, unknown]>([
    [
      'compute',
      403,
      { forbidden: { message: 'Quota exceeded for instances: Requested 1, but already used 7 of 1 instances' } },
    ],
    ['compute', 403, { forbidden: { message: 'Quota exceeded, too many server groups.' } }],
    ['compute', 403, { forbidden: { message: 'The number of defined ports: 43 is over the limit: 1' } }],
    ['network', 409, { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['port']." } }],
    [
      'block-storage',
      413,
      {
        overLimit: { message: 'VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded', retryAfter: '0' },
      },
    ],
    [
      'block-storage',
      413,
      {
        overLimit: {
          message: 'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota.',
        },
      },
    ],
    ['load-balancer', 403, { faultcode: 'Client', faultstring: 'Quota has been met for resources: Load Balancer' }],
    [
      'load-balancer',
      500,
      { faultcode: 'Server', faultstring: "Provider 'amphora' reports error: Quota exceeded for resources: ['port']." },
    ],
  ])('%s %i %j', (service, status, body) => {
    expect(read(service, status, body).quota).toBe(true);
  });

  it.each<[Service, number, unknown]>([
    [
      'compute',
      403,
      { forbidden: { message: "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed." } },
    ],
    [
      'compute',
      400,
      { badRequest: { message: 'Quota limit 0 for instances must be greater than or equal to already used' } },
    ],
    ['block-storage', 413, { overLimit: { message: 'This request was rate-limited.' } }],
    ['network', 409, { NeutronError: { type: 'NetworkInUse', message: 'ports still in use' } }],
    ['load-balancer', 403, { faultcode: 'Client', faultstring: 'Policy does not allow this request to be performed.' }],
  ])('is not %s %i %j', (service, status, body) => {
    expect(read(service, status, body).quota).toBe(false);
  });
});
