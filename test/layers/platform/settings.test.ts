import { describe, expect, test } from 'vitest';
import { readSettings } from '../../../layers/platform/settings.ts';

const needed = { OS_AUTH_URL: 'http://keystone/v3', OS_USERNAME: 'moorage', EXTERNAL_NETWORK: 'public' };
const read = (env: Record<string, string>) => readSettings({ ...needed, ...env });

describe('what may be asked of OpenStack', () => {
  test('a hundred calls at once of each service, and no limit by the second, where nothing is said', () => {
    const { cloudCallsAtOnce, cloudCallsPerSecond } = read({});
    expect(new Set(Object.values(cloudCallsAtOnce))).toEqual(new Set([100]));
    expect(new Set(Object.values(cloudCallsPerSecond))).toEqual(new Set([0]));
  });

  test('one number for all services, some of them with their own, or none', () => {
    expect(read({ CLOUD_CALLS_AT_ONCE: 'compute=20, load-balancer=5 ,60' }).cloudCallsAtOnce).toMatchObject({ compute: 20, 'load-balancer': 5, network: 60 });
    expect(read({ CLOUD_CALLS_PER_SECOND: 'compute=2.5' }).cloudCallsPerSecond).toMatchObject({ compute: 2.5, network: 0 });
    expect(read({ CLOUD_CALLS_AT_ONCE: '0' }).cloudCallsAtOnce).toMatchObject({ compute: 0 });
  });

  test.each(['nova=20', 'compute=many', 'compute=-1', '20/s'])('not %s: the setting is named', (text) => {
    expect(() => read({ CLOUD_CALLS_AT_ONCE: text })).toThrow(/CLOUD_CALLS_AT_ONCE has ".*": it takes a number/);
  });
});
