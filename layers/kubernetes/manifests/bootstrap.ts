/** How new nodes get in: bootstrap tokens, and what their bearers may do. */
import type { BootstrapToken } from '../inputs.ts';
import { manifest, type Manifest } from './manifest.ts';
import { bindClusterRole } from './rbac.ts';

const group = 'system:bootstrappers:moorage';
const csr = 'system:certificates.k8s.io:certificatesigningrequests';

/**
 * The token as the API knows it; the controller manager removes it when it has expired. Throws on what is not a token.
 */
export function bootstrapToken({ token, expiresAt, description }: BootstrapToken): Manifest {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? [];
  if (!id || !secret) throw new Error('Not a bootstrap token: [a-z0-9]{6}.[a-z0-9]{16} is wanted');
  const fields = {
    'token-id': id,
    'token-secret': secret,
    expiration: expiresAt.toISOString().replace(/\.\d+Z$/, 'Z'),
    'usage-bootstrap-authentication': 'true',
    'auth-extra-groups': group,
    ...(description && { description }),
  };
  return manifest(
    'v1',
    'Secret',
    { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    {
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    },
  );
}

/**
 * Who has a token may ask for a node's client certificate and gets it; a node may renew its own. Serving certificates
 * are the kubelets' own, self-signed: the API reaches kubelets through the konnectivity tunnel, and nobody signs
 * theirs.
 */
export const bootstrapRights = (): Manifest[] => [
  bindClusterRole('moorage:bootstrap-nodes', 'system:node-bootstrapper', { kind: 'Group', name: group }),
  bindClusterRole('moorage:approve-new-nodes', `${csr}:nodeclient`, { kind: 'Group', name: group }),
  bindClusterRole('moorage:approve-node-renewals', `${csr}:selfnodeclient`, { kind: 'Group', name: 'system:nodes' }),
];
