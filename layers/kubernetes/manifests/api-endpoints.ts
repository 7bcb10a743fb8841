/** Where the Service "kubernetes" leads: the VIP on the service network, which every node reaches. */
import { ports, type KubernetesSpec } from '../spec.ts';
import { manifest, type Manifest } from './manifest.ts';

const metadata = { name: 'kubernetes', namespace: 'default' };
const port = { name: 'https', port: ports.user.api, protocol: 'TCP' };

/** The Service itself is made by the API server. Both forms, as API servers that manage their endpoints write them. */
export const apiEndpoints = ({ apiAddress }: KubernetesSpec): Manifest[] => [
  manifest(
    'v1',
    'Endpoints',
    { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    {
      subsets: [{ addresses: [{ ip: apiAddress }], ports: [port] }],
    },
  ),
  manifest(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: [apiAddress], conditions: { ready: true } }],
      ports: [port],
    },
  ),
];
