/** cloud.conf, by which the cloud controllers and the CSI controller reach OpenStack. */
import type { CloudCredential, ControlPlaneInput } from '../inputs.ts';

export const cloudDirectory = '/etc/openstack';

/** In this format a value in quotes may hold anything but a line break. */
const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const section = (name: string, values: Record<string, string | boolean | undefined>): string =>
  [
    `[${name}]`,
    ...Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : value}`),
  ].join('\n');

const globals = (cloud: CloudCredential): string =>
  section('Global', {
    'auth-url': cloud.authUrl,
    region: cloud.region,
    'application-credential-id': cloud.applicationCredentialId,
    'application-credential-secret': cloud.applicationCredentialSecret,
    'ca-file': cloud.caPem ? `${cloudDirectory}/ca.pem` : undefined,
  });

const files = (cloud: CloudCredential, ...sections: string[]): Record<string, string> => ({
  'cloud.conf': `${[globals(cloud), ...sections].join('\n\n')}\n`,
  ...(cloud.caPem && { 'ca.pem': cloud.caPem }),
});

/** For the controller that watches machines. */
export const machineCloudFiles = ({ clouds }: ControlPlaneInput): Record<string, string> =>
  files(clouds.service, section('LoadBalancer', { enabled: false }));

/**
 * For the controller of standard load balancers. Networks are given: the node's ports are not all in the user's
 * project.
 */
export const loadBalancerCloudFiles = ({ clouds, loadBalancers }: ControlPlaneInput): Record<string, string> =>
  files(
    clouds.user,
    section('LoadBalancer', {
      enabled: true,
      'subnet-id': loadBalancers.subnetId,
      'member-subnet-id': loadBalancers.subnetId,
      'floating-network-id': loadBalancers.floatingNetworkId,
      // Without a floating network every load balancer has its address on the user's network only.
      'internal-lb': loadBalancers.floatingNetworkId ? undefined : true,
      'create-monitor': true,
      // A load balancer that is asked for with all its parts can become ACTIVE with parts that stay PENDING for ever.
      'provider-requires-serial-api-calls': true,
      'manage-security-groups': false,
    }),
  );

/** For the CSI controller. */
export const volumeCloudFiles = ({ clouds, ignoreVolumeZones }: ControlPlaneInput): Record<string, string> =>
  files(clouds.service, section('BlockStorage', { 'ignore-volume-az': ignoreVolumeZones ?? false }));
