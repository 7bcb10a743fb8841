import { stringify } from 'yaml';

export interface KubeconfigInput {
  clusterName: string;
  /** https://<address>:<port> */
  server: string;
  caPem: string;
  certPem: string;
  keyPem: string;
  user: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function document(
  input: { clusterName: string; server: string; caPem: string; user: string },
  credentials: Record<string, string>,
): string {
  const context = `${input.user}@${input.clusterName}`;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: input.clusterName,
          cluster: { server: input.server, 'certificate-authority-data': base64(input.caPem) },
        },
      ],
      users: [{ name: input.user, user: credentials }],
      contexts: [{ name: context, context: { cluster: input.clusterName, user: input.user } }],
      'current-context': context,
      preferences: {},
    },
    { lineWidth: 0 },
  );
}

/** A kubeconfig that carries all it needs: authority, client certificate and key are embedded. */
export function kubeconfig(input: KubeconfigInput): string {
  return document(input, { 'client-certificate-data': base64(input.certPem), 'client-key-data': base64(input.keyPem) });
}

/** A kubeconfig that authenticates with a token: what a kubelet bootstraps from. */
export function tokenKubeconfig(input: {
  clusterName: string;
  server: string;
  caPem: string;
  token: string;
  user: string;
}): string {
  return document(input, { token: input.token });
}
