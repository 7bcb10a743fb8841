import { expect, test } from 'vitest';
import { callIn, callLines, countCalls, templateOf } from './calls.ts';

const id = 'req-ce7f3aea-3970-8acc-a767-3a298069941b';

test.each([
  ['[Tue Nov 24 03:35:42 2026] [- -] 127.0.0.1 "GET /v3/auth/tokens" status: 200 5 ms', { method: 'GET', path: '/v3/auth/tokens' }],
  [`[Tue Nov 24 03:35:42 2026] [${id} -] 127.0.0.1 "GET /v2/lbaas/pools" status: 200 5 ms`, { method: 'GET', path: '/v2/lbaas/pools', requestId: id }],
  [`2026-11-24 03:35:42.719 19355 INFO nova.osapi_compute.wsgi.server [${id} req-f5802b02-f140-4cd0-ab70-f84387c91d4e a b - - d d] 127.0.0.1 "DELETE /v2.1/servers/x HTTP/1.1" status: 204`,
    { method: 'DELETE', path: '/v2.1/servers/x', requestId: id }],
  ['2026-11-24 03:35:23.152 17236 INFO eventlet.wsgi.server [-] 127.0.0.1 - - [24/Nov/2026 03:35:23] "POST /v2/images HTTP/1.1" 201 420', { method: 'POST', path: '/v2/images' }],
  ['2026-11-24 03:36:18.900 18347 INFO heat.common.wsgi [None req-9 admin] Processing request: GET /v1/p/software_deployments', undefined],
  ['2026-11-24 03:36:18.900 1 INFO neutron.service [-] loaded', undefined],
])('one line tells of one request: %s', (line, call) => expect(callIn(line)).toEqual(call));

test('requests are counted by service and method, alike ones together', () => {
  const calls = [
    { service: 'nova', method: 'GET', path: '/servers/5d28c2f1-381c-45ce-bb64-b6e0c8b8f7eb?a=b' }, { service: 'nova', method: 'POST', path: '/servers' },
    { service: 'nova', method: 'GET', path: '/servers' },
  ];
  expect(countCalls(calls)).toEqual({ nova: { GET: 2, POST: 1 } });
  expect(callLines(calls).at(-1)).toMatch(/^all +3$/);
  expect(templateOf(calls[0]!.path)).toBe('/servers/{id}');
});
