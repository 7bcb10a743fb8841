/** The user's API servers, one on every master. */
import { auditDirectory, konnectivityDirectory, konnectivitySocket } from '../control-plane-layout.ts';
import type { ControlPlaneInput } from '../inputs.ts';
import { imagesOf } from '../images.ts';
import { clientAuthorities } from '../../pki/rotate-authority.ts';
import { users } from '../../pki/users.ts';
import { ports, type KubernetesSpec } from '../spec.ts';
import {
  auditPolicy,
  authenticationConfiguration,
  egressConfiguration,
  encryptionConfiguration,
} from './api-configuration.ts';
import {
  confinedApiserver,
  deployment,
  probes,
  resources,
  secret,
  secretVolume,
  tcp,
} from './control-plane-workload.ts';
import type { Manifest } from './manifest.ts';

const pki = '/etc/kubernetes/pki';
const config = '/etc/kubernetes/config';

function command(spec: KubernetesSpec): string[] {
  return [
    'kube-apiserver',
    `--secure-port=${ports.user.api}`,
    '--bind-address=0.0.0.0',
    // The Service "kubernetes" leads to the VIP. Its endpoints are ours to write: with one address for all servers,
    // each of them would take it away when it stops.
    `--advertise-address=${spec.apiAddress}`,
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    `--authentication-config=${config}/authentication.yaml`,
    `--client-ca-file=${pki}/ca.crt`,
    '--enable-admission-plugins=NodeRestriction',
    '--enable-bootstrap-token-auth=true',
    `--tls-cert-file=${pki}/apiserver.crt`,
    `--tls-private-key-file=${pki}/apiserver.key`,
    `--etcd-servers=https://127.0.0.1:${ports.user.etcdClient}`,
    `--etcd-cafile=${pki}/etcd-ca.crt`,
    `--etcd-certfile=${pki}/apiserver-etcd-client.crt`,
    `--etcd-keyfile=${pki}/apiserver-etcd-client.key`,
    `--encryption-provider-config=${config}/encryption.yaml`,
    '--encryption-provider-config-automatic-reload=true',
    `--egress-selector-config-file=${config}/egress.yaml`,
    `--kubelet-client-certificate=${pki}/apiserver-kubelet-client.crt`,
    `--kubelet-client-key=${pki}/apiserver-kubelet-client.key`,
    '--kubelet-preferred-address-types=InternalIP,Hostname',
    `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    `--requestheader-allowed-names=${users.frontProxy}`,
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${pki}/front-proxy-client.crt`,
    `--proxy-client-key-file=${pki}/front-proxy-client.key`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki}/sa.pub`,
    `--service-account-signing-key-file=${pki}/sa.key`,
    `--service-cluster-ip-range=${spec.serviceCidr}`,
    `--audit-policy-file=${config}/audit.yaml`,
    '--audit-log-path=/var/log/audit/audit.log',
    '--audit-log-maxage=14',
    '--audit-log-maxbackup=5',
    '--audit-log-maxsize=100',
    '--profiling=false',
    // The load balancer has to see that it is leaving before it stops answering.
    '--shutdown-delay-duration=15s',
    '--shutdown-send-retry-after=true',
    // Connections are long-lived: now and then one is asked to come again, so that they spread over the masters.
    ...(spec.masters.length > 1 ? ['--goaway-chance=0.001'] : []),
  ];
}

/**
 * Certificates, configuration, Deployment. Needs etcd; nodes are reached once the konnectivity server runs beside it.
 */
export function kubeApiserver(input: ControlPlaneInput): Manifest[] {
  const {
    spec,
    certificates: { user },
  } = input;
  const name = 'kube-apiserver';
  const certificates = secret(name, {
    'ca.crt': clientAuthorities(user),
    'apiserver.crt': user.apiserver.certPem,
    'apiserver.key': user.apiserver.keyPem,
    'apiserver-kubelet-client.crt': user.apiserverKubeletClient.certPem,
    'apiserver-kubelet-client.key': user.apiserverKubeletClient.keyPem,
    'apiserver-etcd-client.crt': user.apiserverEtcdClient.certPem,
    'apiserver-etcd-client.key': user.apiserverEtcdClient.keyPem,
    'etcd-ca.crt': user.etcdCa.certPem,
    'front-proxy-ca.crt': user.frontProxyCa.certPem,
    'front-proxy-client.crt': user.frontProxyClient.certPem,
    'front-proxy-client.key': user.frontProxyClient.keyPem,
    'sa.pub': user.serviceAccount.publicPem,
    'sa.key': user.serviceAccount.privatePem,
  });
  const configuration = secret(`${name}-config`, {
    'authentication.yaml': authenticationConfiguration(spec.version),
    'encryption.yaml': encryptionConfiguration(user.encryptionKey),
    'egress.yaml': egressConfiguration(`${konnectivityDirectory}/${konnectivitySocket}`),
    'audit.yaml': auditPolicy(),
  });
  return deployment({
    name,
    replicas: spec.masters.length,
    secrets: [certificates, configuration],
    terminationGracePeriodSeconds: 60,
    containers: [
      {
        name,
        image: imagesOf(spec.version).apiserver,
        command: command(spec),
        securityContext: confinedApiserver,
        ports: [tcp('https', ports.user.api)],
        resources: resources('250m', '512Mi', `${Math.floor((input.masterMemoryMiB ?? 4096) * 0.6)}Mi`),
        ...probes(ports.user.api, 'HTTPS', { live: '/livez', ready: '/readyz' }),
        volumeMounts: [
          { name: 'pki', mountPath: pki, readOnly: true },
          { name: 'config', mountPath: config, readOnly: true },
          { name: 'konnectivity', mountPath: konnectivityDirectory },
          { name: 'audit', mountPath: '/var/log/audit' },
        ],
      },
    ],
    volumes: [
      secretVolume('pki', name),
      secretVolume('config', `${name}-config`),
      { name: 'konnectivity', hostPath: { path: konnectivityDirectory, type: 'Directory' } },
      { name: 'audit', hostPath: { path: auditDirectory, type: 'Directory' } },
    ],
  });
}
