import { expect, test } from 'vitest';
import { callsBetween, methodIn, totalCalls } from './calls.ts';

test.each([
  ['[pid: 1|app: 0|req: 1/2] 127.0.0.1 () {34 vars in 813 bytes} [Tue Nov 24 03:35:42 2026] GET /v3/auth/tokens => generated 5 bytes', 'GET'],
  ['2026-11-24 03:35:42.719 19355 INFO nova.osapi_compute.wsgi.server [None req-9 a b - - d d] 127.0.0.1 "DELETE /v2.1/servers/x HTTP/1.1" status: 204', 'DELETE'],
  ['2026-11-24 03:35:23.152 17236 INFO eventlet.wsgi.server [-] 127.0.0.1 - - [24/Nov/2026 03:35:23] "POST /v2/images HTTP/1.1" 201 420', 'POST'],
  ['2026-11-24 03:36:18.900 18347 INFO heat.common.wsgi [None req-9 admin] Processing request: GET /v1/p/software_deployments', undefined],
  ['2026-11-24 03:36:18.900 1 INFO neutron.service [-] loaded', undefined],
])('one line tells of one request: %s', (line, method) => expect(methodIn(line)).toBe(method));

test('what a run costs is the difference', () => {
  const difference = callsBetween({ nova: { GET: 5 }, heat: {} }, { nova: { GET: 7, POST: 1 }, heat: {} });
  expect(difference).toEqual({ nova: { GET: 2, POST: 1 }, heat: {} });
  expect(totalCalls(difference)).toBe(3);
});
