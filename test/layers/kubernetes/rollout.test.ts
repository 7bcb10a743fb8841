import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kubeconfig } from '../../../layers/kubernetes/kubeconfig.ts';
import { rolloutComplete } from '../../../layers/kubernetes/rollout.ts';
import { addressIn, minorOf } from '../../../layers/kubernetes/spec.ts';

const workload = (kind: string, status: object, replicas = 3, generation = 2) => ({
  kind,
  metadata: { generation },
  spec: { replicas },
  status: { observedGeneration: 2, ...status },
});

test.each([
  ['all new and available', workload('Deployment', { replicas: 3, updatedReplicas: 3, availableReplicas: 3 }), true],
  ['an old pod is left', workload('Deployment', { replicas: 4, updatedReplicas: 3, availableReplicas: 4 }), false],
  ['one is not available', workload('Deployment', { replicas: 3, updatedReplicas: 3, availableReplicas: 2 }), false],
  ['some are old', workload('Deployment', { replicas: 3, updatedReplicas: 1, availableReplicas: 3 }), false],
  [
    'the controller has not seen the change',
    workload('Deployment', { replicas: 3, updatedReplicas: 3, availableReplicas: 3 }, 3, 3),
    false,
  ],
  ['no status yet', { kind: 'Deployment', metadata: { generation: 1 }, spec: { replicas: 1 } }, false],
  ['a StatefulSet', workload('StatefulSet', { updatedReplicas: 3, readyReplicas: 3 }), true],
  ['a StatefulSet on its way', workload('StatefulSet', { updatedReplicas: 3, readyReplicas: 2 }), false],
  [
    'a DaemonSet',
    workload('DaemonSet', { desiredNumberScheduled: 5, updatedNumberScheduled: 5, numberAvailable: 5 }),
    true,
  ],
  [
    'a DaemonSet on its way',
    workload('DaemonSet', { desiredNumberScheduled: 5, updatedNumberScheduled: 4, numberAvailable: 5 }),
    false,
  ],
  ['a DaemonSet without nodes', workload('DaemonSet', { desiredNumberScheduled: 0 }), true],
  ['nothing', undefined, false],
])('rolled out: %s', (_, object, complete) => {
  expect(rolloutComplete(object)).toBe(complete);
});

test('what does not roll out is a mistake', () => {
  expect(() => rolloutComplete(workload('Service', {}))).toThrow('Service does not roll out');
});

test('a kubeconfig carries all it needs', () => {
  expect(
    parse(
      kubeconfig({
        clusterName: 'shop',
        server: 'https://203.0.113.7:6443',
        caPem: 'CA',
        certPem: 'CERT',
        keyPem: 'KEY',
        user: 'ann',
      }),
    ),
  ).toMatchObject({
    'current-context': 'ann@shop',
    contexts: [{ name: 'ann@shop', context: { cluster: 'shop', user: 'ann' } }],
    clusters: [{ name: 'shop', cluster: { server: 'https://203.0.113.7:6443', 'certificate-authority-data': 'Q0E=' } }],
    users: [{ name: 'ann', user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
  });
});

test('addresses of a block, over octets', () => {
  expect([
    addressIn('10.254.0.0/16', 1),
    addressIn('10.254.0.0/16', 10),
    addressIn('100.113.0.0/16', 1024),
    addressIn('10.0.255.250/24', 10),
  ]).toEqual(['10.254.0.1', '10.254.0.10', '100.113.4.0', '10.1.0.4']);
  expect([minorOf('v1.34.2'), minorOf('v1.33.0')]).toEqual([34, 33]);
});
