/**
 * The files that an API server reads beside its flags. The system cluster's and the user's API server have them alike.
 */
import { stringify } from 'yaml';
import { minorOf } from '../spec.ts';

const yaml = (document: unknown): string => stringify(document, { lineWidth: 0 });

/** Without credentials one may ask whether the API is well, as load balancers and kubelets do, and nothing else. */
export const authenticationConfiguration = (version: string): string =>
  yaml({
    apiVersion: `apiserver.config.k8s.io/${minorOf(version) >= 34 ? 'v1' : 'v1beta1'}`,
    kind: 'AuthenticationConfiguration',
    anonymous: { enabled: true, conditions: ['/livez', '/readyz', '/healthz'].map((path) => ({ path })) },
  });

/** Secrets are encrypted in etcd; what was written before is still read. */
export const encryptionConfiguration = (key: string): string =>
  yaml({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      {
        resources: ['secrets'],
        providers: [{ secretbox: { keys: [{ name: 'first', secret: key }] } }, { identity: {} }],
      },
    ],
  });

/** All that goes to nodes, pods and Services goes through the konnectivity server on the same master. */
export const egressConfiguration = (socket: string): string =>
  yaml({
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [
      { name: 'cluster', connection: { proxyProtocol: 'GRPC', transport: { uds: { udsName: socket } } } },
    ],
  });

/** Who changed what, never what was in it; reads of Secrets too. The chatter of the cluster's own parts is left out. */
export const auditPolicy = (): string =>
  yaml({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi*', '/metrics'] },
      {
        level: 'None',
        resources: [
          { group: '', resources: ['events'] },
          { group: 'events.k8s.io', resources: ['events'] },
          { group: 'coordination.k8s.io', resources: ['leases'] },
        ],
      },
      {
        level: 'Metadata',
        resources: [
          { group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
          { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
        ],
      },
      {
        level: 'None',
        userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'],
        verbs: ['get', 'list', 'watch'],
      },
      {
        level: 'None',
        users: [
          'system:kube-controller-manager',
          'system:kube-scheduler',
          'system:apiserver',
          'moorage:cloud-node-controller',
          'moorage:cloud-service-controller',
          'moorage:cinder-csi-controller',
        ],
        verbs: ['get', 'list', 'watch'],
      },
      { level: 'None', verbs: ['watch'] },
      { level: 'Metadata' },
    ],
  });
