import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { open, seal } from '../../../layers/platform/encryption.ts';

beforeAll(() => { process.env.LOCAL_KEY = randomBytes(32).toString('base64'); });

describe('a sealed secret', () => {
  const binding = { cluster: 'c1', secret: 'certificates' };
  test('opens again, with the same binding only', async () => {
    const sealed = await seal('top secret', binding);
    expect(await open(sealed, binding)).toBe('top secret');
    await expect(open(sealed, { ...binding, cluster: 'c2' })).rejects.toThrow();
  });
  test('shows nothing of the text, and differs each time', async () => {
    const [one, two] = [await seal('top secret', binding), await seal('top secret', binding)];
    expect(JSON.stringify(one)).not.toContain(Buffer.from('top secret').toString('base64'));
    expect(one.text).not.toBe(two.text);
  });
  test('does not open when it was changed', async () => {
    const sealed = await seal('top secret', binding);
    const bytes = Buffer.from(sealed.text, 'base64');
    bytes[0]! ^= 1;
    await expect(open({ ...sealed, text: bytes.toString('base64') }, binding)).rejects.toThrow();
  });
});
