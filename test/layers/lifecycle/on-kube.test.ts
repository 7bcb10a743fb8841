import { expect, it, vi } from 'vitest';
import { done } from '../../../layers/engine/step.ts';
import type { Kube } from '../../../layers/kubernetes/client.ts';
import { KubernetesError, KubernetesUnreachable } from '../../../layers/kubernetes/errors.ts';
import { onKube } from '../../../layers/lifecycle/cluster-kube.ts';

const open = () => {
  const close = vi.fn<() => void>();
  return { kube: { close } as unknown as Kube, close };
};
const failing = (error: Error) => async (): Promise<never> => { throw error; };

it('answers what was done, and closes the API', async () => {
  const { kube, close } = open();
  expect(await onKube(kube, async (given) => done({ same: given === kube }))).toEqual(done({ same: true }));
  expect(close).toHaveBeenCalledOnce();
});

it.each([
  ['refuses connections', new KubernetesUnreachable('GET', '/version', 'refused', new Error('closed'))],
  ['is overloaded', new KubernetesError('GET', '/version', 503, 'ServiceUnavailable', 'overloaded')],
])('waits while it %s, and closes it', async (_, error) => {
  const { kube, close } = open();
  expect(await onKube(kube, failing(error), 'the API of the system cluster')).toMatchObject({ kind: 'wait', reason: 'the API of the system cluster does not answer' });
  expect(close).toHaveBeenCalledOnce();
});

it.each([
  ['an authority that is not ours', new KubernetesUnreachable('GET', '/version', 'untrusted', new Error('self-signed'))],
  ['a refusal', new KubernetesError('GET', '/version', 403, 'Forbidden', 'not yours')],
])('passes %s on, and closes it', async (_, error) => {
  const { kube, close } = open();
  await expect(onKube(kube, failing(error))).rejects.toBe(error);
  expect(close).toHaveBeenCalledOnce();
});
