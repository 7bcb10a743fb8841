import { describe, expect, test } from 'vitest';
import { issueClientCertificate, newAuthority } from '../../../layers/pki/authority.ts';
import { openKube } from '../../../layers/kubernetes/client.ts';
import type { Manifest } from '../../../layers/kubernetes/manifests/manifest.ts';
import { request, testCluster } from './cluster.ts';

const hourMs = 3_600_000;
const token = 'abcdef.0123456789abcdef';
const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

function tokenSecret(expiresAt: Date, data: Record<string, string> = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    stringData: {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:workers',
      'expiration': expiresAt.toISOString(),
      ...data,
    },
  };
}

const binding = (role: string, group: string): Manifest => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: `${group}-${role}` },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
});

describe('who calls', () => {
  test('a certificate of another authority is nobody', async () => {
    const { server, ca } = await testCluster();
    const now = new Date();
    const other = await issueClientCertificate(await newAuthority('kubernetes', now), {
      commonName: 'admin',
      organization: 'system:masters',
      validForMs: hourMs,
      now,
    });
    const kube = openKube({
      server,
      caPem: ca.certPem,
      certPem: other.certPem,
      keyPem: other.keyPem,
      timeoutMs: 10_000,
    });
    await expect(kube.list('/api/v1/nodes')).rejects.toMatchObject({ status: 401 });
    kube.close();
  });

  test('a certificate that has ended is nobody', async () => {
    const { server, ca } = await testCluster();
    const client = await issueClientCertificate(ca, {
      commonName: 'admin',
      organization: 'system:masters',
      validForMs: 1000,
      now: new Date(Date.now() - hourMs),
    });
    const kube = openKube({
      server,
      caPem: ca.certPem,
      certPem: client.certPem,
      keyPem: client.keyPem,
      timeoutMs: 10_000,
    });
    await expect(kube.list('/api/v1/nodes')).rejects.toMatchObject({ status: 401 });
    kube.close();
  });

  test('a bootstrap token counts while its Secret says so', async () => {
    const cluster = await testCluster();
    const { admin } = cluster;
    const status = async (given: string) => (await request(cluster, 'GET', requests, { token: given })).status;
    expect(await status(token)).toBe(401);
    await admin.apply(tokenSecret(new Date(Date.now() + hourMs)));
    expect(await status(token)).toBe(403);
    await admin.apply(binding('system:node-bootstrapper', 'system:bootstrappers:workers'));
    expect(await status(token)).toBe(200);
    expect(await status('abcdef.0000000000000000')).toBe(401);
    await admin.apply(tokenSecret(new Date(Date.now() - 1000)));
    expect(await status(token)).toBe(401);
    await admin.apply(tokenSecret(new Date(Date.now() + hourMs), { 'usage-bootstrap-authentication': 'false' }));
    expect(await status(token)).toBe(401);
  });
});

describe('who may', () => {
  test('what a bound group may, and no more', async () => {
    const { admin, as } = await testCluster();
    const ann = await as('ann', 'team');
    await expect(ann.list('/api/v1/namespaces')).rejects.toMatchObject({ status: 403, reason: 'Forbidden' });
    await admin.apply(binding('view', 'team'));
    expect(await ann.list('/api/v1/namespaces')).toHaveLength(4);
    await expect(ann.list('/api/v1/namespaces/default/secrets')).rejects.toThrow(
      'User "ann" cannot list resource "secrets" in API group "" in the namespace "default"',
    );
    await admin.apply(binding('cluster-admin', 'team'));
    expect(await ann.list('/api/v1/namespaces/default/secrets')).toEqual([]);
  });

  test('a role binding reaches no further than its namespace', async () => {
    const { admin, as } = await testCluster();
    const ann = await as('ann');
    await admin.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reader', namespace: 'kube-system' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['one'], verbs: ['get'] }],
    });
    await admin.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'ann', namespace: 'kube-system' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', name: 'ann' }],
    });
    expect(await ann.get('/api/v1/namespaces/kube-system/configmaps/one')).toBeUndefined();
    await expect(ann.get('/api/v1/namespaces/kube-system/configmaps/other')).rejects.toMatchObject({ status: 403 });
    await expect(ann.get('/api/v1/namespaces/default/configmaps/one')).rejects.toMatchObject({ status: 403 });
  });

  test('a kubelet registers its own node, with labels that are its own to set', async () => {
    const cluster = await testCluster();
    const kubelet = await cluster.as('system:node:worker-0', 'system:nodes');
    const node = (name: string, labels: Record<string, string> = {}): Manifest => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels },
    });
    const { api } = cluster;
    await expect(kubelet.apply(node('worker-1'))).rejects.toMatchObject({ status: 403 });
    await expect(kubelet.get('/api/v1/nodes/worker-1')).resolves.toBeUndefined();
    await kubelet.apply(node('worker-0', { 'node.kubernetes.io/instance-type': 'm', 'pool': 'x' }));
    expect(api.list(api.resources.ofKind('v1', 'Node')!)).toHaveLength(1);
    await expect(kubelet.list('/apis/apps/v1/deployments')).rejects.toMatchObject({ status: 403 });
  });
});
