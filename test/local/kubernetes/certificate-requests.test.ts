import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator, X509Certificate } from '@peculiar/x509';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import { certificateRequests } from '../../../local/kubernetes/controllers/certificate-requests.ts';
import { runControllers } from '../../../local/kubernetes/controllers/control.ts';
import { resources } from '../../../local/kubernetes/controllers/kinds.ts';
import { request, testCluster, type TestCluster } from './cluster.ts';

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const token = 'abcdef.0123456789abcdef';
const group = 'system:bootstrappers';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

const binding = (role: string): Manifest => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: role },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'Group', name: group }],
});

async function signingCluster(): Promise<TestCluster> {
  const cluster = await testCluster();
  const loop = runControllers(cluster.api, [certificateRequests(() => cluster.ca)], {
    enabled: () => true,
    warn: () => undefined,
  });
  onTestFinished(() => loop.stop());
  await cluster.admin.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    stringData: { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true' },
  });
  await cluster.admin.apply(binding('system:node-bootstrapper'));
  return cluster;
}

async function ask(cluster: TestCluster, name: string, commonName: string, organization: string): Promise<void> {
  const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name: [{ O: [organization] }, { CN: [commonName] }],
    keys,
    signingAlgorithm: algorithm,
  });
  const { status } = await request(cluster, 'POST', path, {
    token,
    body: {
      metadata: { name },
      spec: {
        request: Buffer.from(csr.toString('pem')).toString('base64'),
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        usages: ['digital signature', 'client auth'],
        username: 'somebody else',
        groups: ['system:masters'],
      },
    },
  });
  expect(status).toBe(201);
}

interface RequestStatus {
  certificate?: string;
  conditions?: { type: string; status: string }[];
}
const statusOf = ({ api }: TestCluster, name: string): RequestStatus =>
  (api.get({ resource: resources.requests, name }).status as RequestStatus) ?? {};
const conditionsOf = (cluster: TestCluster, name: string): string[] =>
  (statusOf(cluster, name).conditions ?? []).map(({ type }) => type);

describe('certificate requests of kubelets', () => {
  test('are signed once whoever asked may have one, and not before', async () => {
    const cluster = await signingCluster();
    await ask(cluster, 'first', 'system:node:one', 'system:nodes');
    await cluster.admin.apply(binding('view'));
    expect(cluster.api.get({ resource: resources.requests, name: 'first' }).spec).toMatchObject({
      username: 'system:bootstrap:abcdef',
    });
    await ask(cluster, 'second', 'system:node:two', 'system:nodes');
    expect([conditionsOf(cluster, 'first'), conditionsOf(cluster, 'second')]).toEqual([[], []]);
    await cluster.admin.apply(binding('system:certificates.k8s.io:certificatesigningrequests:nodeclient'));
    await vi.waitFor(() => expect(statusOf(cluster, 'first').certificate).toBeDefined());
    const certificate = new X509Certificate(Buffer.from(statusOf(cluster, 'first').certificate!, 'base64').toString());
    expect(certificate.subjectName.getField('CN')).toEqual(['system:node:one']);
    expect(await certificate.verify({ publicKey: new X509Certificate(cluster.ca.certPem).publicKey })).toBe(true);
  });

  test('for more than a node is are never signed', async () => {
    const cluster = await signingCluster();
    await cluster.admin.apply(binding('system:certificates.k8s.io:certificatesigningrequests:nodeclient'));
    await ask(cluster, 'admin', 'admin', 'system:masters');
    await ask(cluster, 'master', 'system:node:one', 'system:masters');
    await ask(cluster, 'honest', 'system:node:two', 'system:nodes');
    await vi.waitFor(() => expect(statusOf(cluster, 'honest').certificate).toBeDefined());
    await vi.waitFor(() => expect(conditionsOf(cluster, 'master')).toContain('Failed'));
    expect(conditionsOf(cluster, 'admin')).toEqual([]);
    expect([statusOf(cluster, 'admin').certificate, statusOf(cluster, 'master').certificate]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
