/** The OpenStack cloud controller, twice: one process has one credential, and so one project. */
import type { KeyPair } from '../../pki/authority.ts';
import { users } from '../../pki/users.ts';
import type { ControlPlaneInput } from '../inputs.ts';
import { imagesOf } from '../images.ts';
import { electsLeader, ports } from '../spec.ts';
import { cloudDirectory, loadBalancerCloudFiles, machineCloudFiles } from './cloud-config.ts';
import { componentKubeconfig, listenerFlags, standbyReplicas } from './component-kubeconfig.ts';
import { deployment, probes, resources, secret, secretVolume } from './control-plane-workload.ts';
import type { Manifest } from './manifest.ts';

interface CloudController {
  name: string;
  controllers: string;
  port: number;
  client: KeyPair;
  user: string;
  cloud: Record<string, string>;
}

function cloudController({ spec, certificates }: ControlPlaneInput, controller: CloudController): Manifest[] {
  const { name } = controller;
  const kubeconfigPath = '/etc/kubernetes/kubeconfig';
  return deployment({
    name,
    replicas: standbyReplicas(spec),
    secrets: [
      secret(name, { kubeconfig: componentKubeconfig(spec, certificates.user.ca, controller.client, controller.user) }),
      secret(`${name}-cloud`, controller.cloud),
    ],
    containers: [
      {
        name,
        image: imagesOf(spec.version).cloudController,
        command: [
          '/bin/openstack-cloud-controller-manager',
          '--cloud-provider=openstack',
          `--cloud-config=${cloudDirectory}/cloud.conf`,
          `--cluster-name=${spec.clusterId}`,
          `--controllers=${controller.controllers}`,
          `--kubeconfig=${kubeconfigPath}`,
          ...listenerFlags(controller.port, kubeconfigPath),
          '--use-service-account-credentials=false',
          `--leader-elect=${electsLeader(spec)}`,
          // Under the usual name the two would wait for each other for ever.
          `--leader-elect-resource-name=${name}`,
        ],
        resources: resources('20m', '48Mi', '256Mi'),
        ...probes(controller.port, 'HTTPS', { live: '/healthz', ready: '/healthz' }),
        volumeMounts: [
          { name: 'files', mountPath: '/etc/kubernetes', readOnly: true },
          { name: 'cloud', mountPath: cloudDirectory, readOnly: true },
        ],
      },
    ],
    volumes: [secretVolume('files', name), secretVolume('cloud', `${name}-cloud`)],
  });
}

/**
 * Removes the nodes of servers that are gone, with the service project's credential. The controller that sets a node's
 * addresses and labels (cloud-node) is left out: it takes addresses from the server's ports, and the address of our
 * nodes is on a sub-port in the user's project, which this credential cannot see. kubelet sets them itself.
 */
export const cloudNodeController = (input: ControlPlaneInput): Manifest[] =>
  cloudController(input, {
    name: 'cloud-node-controller',
    controllers: 'cloud-node-lifecycle',
    port: ports.user.cloudNode,
    client: input.certificates.user.cloudNode,
    user: users.cloudNode,
    cloud: machineCloudFiles(input),
  });

/** Makes the standard load balancers, with the user project's credential. */
export const cloudServiceController = (input: ControlPlaneInput): Manifest[] =>
  cloudController(input, {
    name: 'cloud-service-controller',
    controllers: 'service',
    port: ports.user.cloudService,
    client: input.certificates.user.cloudService,
    user: users.cloudService,
    cloud: loadBalancerCloudFiles(input),
  });
