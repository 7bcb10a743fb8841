import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { imagesOf } from '../../../layers/kubernetes/images.ts';
import { isNamespaced, pathOf } from '../../../layers/kubernetes/kinds.ts';
import { clusterObjects } from '../../../layers/kubernetes/manifests/cluster-objects.ts';
import { controlPlaneManifests } from '../../../layers/kubernetes/manifests/control-plane.ts';
import type { Container, Manifest, PodSpec } from '../../../layers/kubernetes/manifests/manifest.ts';
import type { KubernetesSpec } from '../../../layers/kubernetes/spec.ts';
import { certificatesFor, controlPlaneInput, specWith } from './fixtures.ts';

interface WorkloadSpec {
  replicas?: number;
  selector: { matchLabels: Record<string, string> };
  template: { metadata: { labels: Record<string, string>; annotations?: Record<string, string> }; spec: PodSpec };
}

const bootstrapTokens = [
  { token: 'abcdef.0123456789abcdef', expiresAt: new Date('2026-11-25T12:00:00Z'), description: 'blue' },
];
const storageClasses = [
  { name: 'ssd', volumeType: 'ceph-ssd', isDefault: true },
  { name: 'hdd', volumeType: 'ceph-hdd', zone: 'az1', reclaimPolicy: 'Retain' as const },
];

const sets: Record<string, Manifest[]> = {};
beforeAll(async () => {
  for (const [name, masters, change] of [
    ['one', 1, {}],
    ['three', 3, { networkPlugin: 'cilium', version: 'v1.33.4' }],
    ['five', 5, {}],
  ] as [string, number, Partial<KubernetesSpec>][]) {
    const spec = specWith(masters, change);
    const certificates = await certificatesFor(spec);
    sets[`control plane, ${name}`] = controlPlaneManifests(controlPlaneInput(spec, certificates));
    sets[`cluster objects, ${name}`] = clusterObjects({ spec, certificates, bootstrapTokens, storageClasses });
  }
});

/** Flags by which a container listens; the port is in one of the groups. */
const listens = new RegExp(
  [
    '--(?:secure|agent|admin|health|admin-server|health-server)-port=(\\d+)',
    '--listen-\\w+-urls=https?://[^:]+:(\\d+)',
    '--http-endpoint=[\\d.]*:(\\d+)',
  ].join('|'),
  'g',
);

const workloads = (manifests: Manifest[]) =>
  manifests.filter(({ kind }) => ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind));
const specOf = (manifest: Manifest) => manifest.spec as WorkloadSpec;
const podOf = (manifest: Manifest) => specOf(manifest).template.spec;
const named = (manifests: Manifest[], kind: string, name: string): Manifest =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name) ?? expect.fail(`no ${kind} ${name}`);
const flags = (manifests: Manifest[], kind: string, name: string): string[] =>
  podOf(named(manifests, kind, name)).containers[0]?.command ?? [];
const decoded = (manifest: Manifest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(manifest.data as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]),
  );
const within = (labels: Record<string, string>, selector: Record<string, string>) =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

describe.each(['one', 'three', 'five'].flatMap((size) => [`control plane, ${size}`, `cluster objects, ${size}`]))(
  '%s',
  (set) => {
    test('every object has a place of its own', () => {
      const manifests = sets[set]!;
      const paths = manifests.map(pathOf);
      expect(new Set(paths).size).toBe(paths.length);
      for (const { kind, metadata } of manifests)
        expect(Boolean(metadata.namespace), `${kind} ${metadata.name}`).toBe(isNamespaced(kind));
      for (const { kind, metadata } of manifests)
        if (!/Role|CustomResource|CSIDriver/.test(kind))
          expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    });

    test('a namespace comes before what is in it, a Secret or ConfigMap before the pods that read it', () => {
      const manifests = sets[set]!;
      const made = new Set(['namespaces/kube-system', 'namespaces/default']);
      for (const manifest of manifests) {
        const {
          kind,
          metadata: { name, namespace },
        } = manifest;
        if (namespace) expect(made, `${kind} ${name}`).toContain(`namespaces/${namespace}`);
        made.add(kind === 'Namespace' ? `namespaces/${name}` : `${kind}/${name}`);
        if (!workloads([manifest]).length) continue;
        for (const volume of podOf(manifest).volumes ?? []) {
          if (volume.secret) expect(made, name).toContain(`Secret/${volume.secret.secretName}`);
          if (volume.configMap) expect(made, name).toContain(`ConfigMap/${volume.configMap.name}`);
        }
        if (podOf(manifest).serviceAccountName)
          expect(made).toContain(`ServiceAccount/${podOf(manifest).serviceAccountName}`);
      }
    });

    test('every container has requests, a limit of memory, a probe, an image with a version', () => {
      for (const workload of workloads(sets[set]!)) {
        const pod = podOf(workload);
        for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
          const where = `${workload.metadata.name}/${container.name}`;
          expect(container.resources?.requests, where).toMatchObject({
            cpu: expect.stringMatching(/^\d+m$/),
            memory: expect.stringMatching(/^\d+Mi$/),
          });
          expect(container.resources?.limits.memory, where).toMatch(/^\d+(Mi|Gi)$/);
          expect(container.image, where).toMatch(/^[a-z0-9.]+\/.+:v?\d+\.\d+/);
          expect(container.imagePullPolicy, where).toBe('IfNotPresent');
        }
        for (const container of pod.containers)
          expect(container.livenessProbe, `${workload.metadata.name}/${container.name}`).toBeDefined();
        expect(pod.priorityClassName).toMatch(/^system-(cluster|node)-critical$/);
        expect(pod.securityContext?.seccompProfile?.type).toBe('RuntimeDefault');
      }
    });

    test('selectors select their pods, and what is mounted exists', () => {
      for (const workload of workloads(sets[set]!)) {
        const { selector, template } = specOf(workload);
        expect(within(template.metadata.labels, selector.matchLabels), workload.metadata.name).toBe(true);
        const volumes = new Set(template.spec.volumes?.map(({ name }) => name));
        const mounted = [...template.spec.containers, ...(template.spec.initContainers ?? [])]
          .flatMap((container: Container) => container.volumeMounts ?? [])
          .map(({ name }) => name);
        expect(new Set(mounted), workload.metadata.name).toEqual(volumes);
      }
    });

    test('no two host ports meet on one machine', () => {
      const taken = workloads(sets[set]!).flatMap((workload) =>
        podOf(workload).hostNetwork
          ? podOf(workload).containers.flatMap((container) => {
              const text = [...(container.command ?? []), ...(container.args ?? [])].join(' ');
              return [...text.matchAll(listens)].map((match) => match[1] ?? match[2] ?? match[3]);
            })
          : [],
      );
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.length).toBeGreaterThan(1);
    });

    test('no secret stands where anybody may read it', () => {
      for (const { kind, metadata, ...rest } of sets[set]!)
        if (kind !== 'Secret')
          expect(JSON.stringify(rest), metadata.name).not.toMatch(/PRIVATE KEY|service-.{0,2}secret|user-secret/);
    });
  },
);

describe('control plane', () => {
  const of = (size: string) => sets[`control plane, ${size}`]!;

  test('runs one of a kind on a master, without privileges, on masters only, under a disruption budget', () => {
    const budgets = of('three').filter(({ kind }) => kind === 'PodDisruptionBudget');
    for (const workload of workloads(of('three'))) {
      const { name } = workload.metadata;
      const pod = podOf(workload);
      expect(pod.securityContext, name).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
      expect(pod.automountServiceAccountToken, name).toBe(false);
      expect(pod.nodeSelector, name).toEqual({ 'moorage.io/role': 'master' });
      for (const { securityContext, name: container } of pod.containers) {
        // kube-apiserver's program has this capability in its file and does not start without.
        const capabilities =
          container === 'kube-apiserver' ? { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } : { drop: ['ALL'] };
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities,
        });
      }
      expect(
        budgets.some(({ spec }) =>
          within(
            specOf(workload).template.metadata.labels,
            (spec as { selector: { matchLabels: Record<string, string> } }).selector.matchLabels,
          ),
        ),
        name,
      ).toBe(true);
      if (workload.kind === 'Deployment')
        expect(JSON.stringify(pod.affinity), name).toContain('requiredDuringSchedulingIgnoredDuringExecution');
    }
  });

  test.each([
    ['one', 1, 1],
    ['three', 3, 2],
    ['five', 5, 2],
  ])('%s: API servers on every master, a standby for the rest', (size, masters, standby) => {
    const replicas = (name: string) => specOf(named(of(size), 'Deployment', name)).replicas;
    for (const name of ['kube-apiserver', 'konnectivity-server']) expect(replicas(name)).toBe(masters);
    for (const name of [
      'kube-controller-manager',
      'kube-scheduler',
      'cloud-node-controller',
      'cloud-service-controller',
      'cinder-csi-controller',
    ])
      expect(replicas(name)).toBe(standby);
  });

  test('etcd has every master as member, and a certificate for each', () => {
    expect(flags(of('three'), 'DaemonSet', 'etcd')).toContain(
      '--initial-cluster=shop-master-0=https://100.96.0.10:2390,' +
        'shop-master-1=https://100.96.0.11:2390,shop-master-2=https://100.96.0.12:2390',
    );
    expect(Object.keys(named(of('three'), 'Secret', 'etcd').data as object)).toContain('shop-master-2.peer.key');
    expect(Object.keys(named(of('one'), 'Secret', 'etcd').data as object)).toHaveLength(5);
  });

  test('etcd 3.5 and 3.6 are told in their own words', () => {
    expect(flags(of('three'), 'DaemonSet', 'etcd')).toContain('--experimental-initial-corrupt-check=true');
    expect(flags(of('one'), 'DaemonSet', 'etcd')).toContain('--feature-gates=InitialCorruptCheck=true');
    expect(flags(of('one'), 'DaemonSet', 'etcd').join()).not.toContain('experimental');
  });

  test('every file that a flag names is in a Secret mounted there', () => {
    for (const workload of workloads(of('three'))) {
      const pod = podOf(workload);
      for (const container of pod.containers) {
        for (const flag of [...(container.command ?? []), ...(container.args ?? [])]) {
          const path = /^--[\w-]+=(\/etc\/.+)$/.exec(flag)?.[1];
          if (!path) continue;
          const mount = container.volumeMounts?.find(({ mountPath }) => path.startsWith(`${mountPath}/`));
          const secretName =
            pod.volumes?.find(({ name }) => name === mount?.name)?.secret?.secretName ??
            expect.fail(`${workload.metadata.name}: ${flag}`);
          const file = path.slice(mount!.mountPath.length + 1).replace('$(NODE_NAME)', 'shop-master-1');
          expect(Object.keys(named(of('three'), 'Secret', secretName).data as object), flag).toContain(file);
        }
      }
    }
  });

  test('the two cloud controllers have each its own credential, project, lease and port', () => {
    const conf = (name: string) => decoded(named(of('three'), 'Secret', `${name}-cloud`))['cloud.conf']!;
    expect(conf('cloud-node-controller')).toContain('application-credential-id="service-id"');
    expect(conf('cloud-node-controller')).toContain('application-credential-secret="service-\\"secret\\"\\\\"');
    expect(conf('cloud-node-controller')).toContain('ca-file="/etc/openstack/ca.pem"');
    expect(conf('cloud-service-controller')).toContain('application-credential-id="user-id"');
    expect(conf('cloud-service-controller')).toContain('subnet-id="subnet-1"');
    expect(conf('cloud-service-controller')).toContain('floating-network-id="public-1"');
    expect(conf('cinder-csi-controller')).toContain('application-credential-id="service-id"');
    const [node, service] = ['cloud-node-controller', 'cloud-service-controller'].map((name) =>
      flags(of('three'), 'Deployment', name),
    );
    expect(node).toContain('--controllers=cloud-node-lifecycle');
    expect(service).toContain('--controllers=service');
    for (const prefix of ['--leader-elect-resource-name=', '--secure-port=']) {
      expect(node!.find((flag) => flag.startsWith(prefix))).not.toBe(service!.find((flag) => flag.startsWith(prefix)));
    }
    expect(service).toContain('--cluster-name=39UdIv4W0EegBs2EYVeGdas38do');
  });

  test('controllers hold a lease where another could take over, and nowhere else', () => {
    for (const [masters, holds] of [['one', false], ['three', true]] as const) {
      const leases = of(masters).filter(({ kind }) => kind === 'Deployment').flatMap((workload) =>
        specOf(workload).template.spec.containers.flatMap(({ name, command = [], args = [], readinessProbe }) =>
          [...command, ...args].flatMap((flag) => {
            const [, value] = /^--leader-elect(?:ion)?=(.*)$/.exec(flag) ?? [];
            return value ? [{ name, value, path: readinessProbe?.httpGet?.path }] : [];
          })));
      expect(leases.map(({ name }) => name).toSorted()).toEqual([
        'cloud-node-controller', 'cloud-service-controller', 'csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter',
        'kube-controller-manager', 'kube-scheduler',
      ]);
      for (const { name, value, path } of leases) {
        expect(value, name).toBe(String(holds));
        // A side-car without a lease has no such path, and its probe would never succeed.
        if (!holds) expect(path, name).not.toContain('leader-election');
      }
    }
  });

  test('without a floating network load balancers are internal', async () => {
    const spec = specWith(1);
    const input = { ...controlPlaneInput(spec, await certificatesFor(spec)), loadBalancers: { subnetId: 'subnet-1' } };
    const conf = decoded(named(controlPlaneManifests(input), 'Secret', 'cloud-service-controller-cloud'))[
      'cloud.conf'
    ]!;
    expect(conf).toContain('internal-lb=true');
    expect(conf).not.toContain('floating-network-id');
  });

  test('new certificates roll the pods that read them, the same ones do not', async () => {
    const spec = specWith(1);
    const certificates = await certificatesFor(spec);
    const mark = (manifests: Manifest[]) =>
      specOf(named(manifests, 'Deployment', 'kube-scheduler')).template.metadata.annotations;
    const first = mark(controlPlaneManifests(controlPlaneInput(spec, certificates)));
    expect(mark(controlPlaneManifests(controlPlaneInput(spec, certificates)))).toEqual(first);
    expect(mark(controlPlaneManifests(controlPlaneInput(spec, await certificatesFor(spec))))).not.toEqual(first);
  });

  test('the API is anonymous for health alone, encrypts Secrets, and goes to nodes by the tunnel', () => {
    const files = decoded(named(of('one'), 'Secret', 'kube-apiserver-config'));
    expect(parse(files['authentication.yaml']!)).toEqual({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      anonymous: { enabled: true, conditions: [{ path: '/livez' }, { path: '/readyz' }, { path: '/healthz' }] },
    });
    expect(parse(decoded(named(of('three'), 'Secret', 'kube-apiserver-config'))['authentication.yaml']!)).toMatchObject(
      { apiVersion: 'apiserver.config.k8s.io/v1beta1' },
    );
    expect(parse(files['encryption.yaml']!)).toMatchObject({
      resources: [{ resources: ['secrets'], providers: [{ secretbox: {} }, { identity: {} }] }],
    });
    const socket = (
      parse(files['egress.yaml']!) as {
        egressSelections: { connection: { transport: { uds: { udsName: string } } } }[];
      }
    ).egressSelections[0]!.connection.transport.uds.udsName;
    expect(flags(of('one'), 'Deployment', 'konnectivity-server')).toContain(`--uds-name=${socket}`);
    for (const workload of ['kube-apiserver', 'konnectivity-server']) {
      expect(podOf(named(of('one'), 'Deployment', workload)).volumes).toContainEqual(
        expect.objectContaining({ hostPath: { path: '/run/moorage-konnectivity', type: 'Directory' } }),
      );
    }
  });
});

describe('cluster objects', () => {
  const calico = () => sets['cluster objects, one']!;
  const cilium = () => sets['cluster objects, three']!;

  test('DNS is at the tenth address, the API at the VIP', () => {
    expect(named(calico(), 'Service', 'kube-dns').spec).toMatchObject({ clusterIP: '10.254.0.10' });
    expect(named(calico(), 'EndpointSlice', 'kubernetes').endpoints).toEqual([
      { addresses: ['100.96.0.5'], conditions: { ready: true } },
    ]);
  });

  test('a bootstrap token is one that the API takes', () => {
    expect(decoded(named(calico(), 'Secret', 'bootstrap-token-abcdef'))).toEqual({
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      expiration: '2026-11-25T12:00:00Z',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:moorage',
      description: 'blue',
    });
  });

  test('storage classes are the given ones', () => {
    expect(named(calico(), 'StorageClass', 'ssd')).toMatchObject({
      metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      parameters: { type: 'ceph-ssd' },
      reclaimPolicy: 'Delete',
    });
    expect(named(calico(), 'StorageClass', 'hdd')).toMatchObject({
      parameters: { type: 'ceph-hdd', availability: 'az1' },
      reclaimPolicy: 'Retain',
    });
  });

  test("the network plug-in is the one asked for, and wraps pods in the node's address", () => {
    expect(podOf(named(calico(), 'DaemonSet', 'calico-node')).containers[0]!.env).toEqual(
      expect.arrayContaining([
        { name: 'CALICO_IPV4POOL_CIDR', value: '10.100.0.0/16' },
        { name: 'CALICO_IPV4POOL_VXLAN', value: 'Always' },
        { name: 'IP_AUTODETECTION_METHOD', value: 'kubernetes-internal-ip' },
      ]),
    );
    expect(calico().some(({ metadata }) => metadata.name.startsWith('cilium'))).toBe(false);
    expect(named(cilium(), 'ConfigMap', 'cilium-config').data).toMatchObject({
      ipam: 'kubernetes',
      'tunnel-protocol': 'vxlan',
    });
    expect(cilium().some(({ metadata }) => metadata.name.startsWith('calico'))).toBe(false);
    expect(flags(sets['control plane, three']!, 'Deployment', 'kube-controller-manager')).toContain(
      '--allocate-node-cidrs=true',
    );
    expect(flags(sets['control plane, one']!, 'Deployment', 'kube-controller-manager')).toContain(
      '--allocate-node-cidrs=false',
    );
  });

  test('every right that is bound exists: built in, or among these objects', () => {
    const builtIn = /^(system:|cluster-admin$)/;
    for (const set of Object.values(sets)) {
      const roles = new Set(
        set.filter(({ kind }) => /^(Cluster)?Role$/.test(kind)).map(({ kind, metadata }) => `${kind}/${metadata.name}`),
      );
      for (const { kind, metadata, roleRef } of set.filter((one) => one.kind.endsWith('RoleBinding'))) {
        const reference = roleRef as { kind: string; name: string };
        if (!builtIn.test(reference.name))
          expect(roles, `${kind} ${metadata.name}`).toContain(`${reference.kind}/${reference.name}`);
      }
    }
  });

  test('nodes hold no credential of the cloud', () => {
    expect(named(calico(), 'ConfigMap', 'cinder-csi-node').data).toEqual({
      'cloud.conf': expect.not.stringContaining('credential'),
    });
  });
});

test('a version that has not been tried is refused', () => {
  expect(() => imagesOf('v1.20.0')).toThrow('known minors: 1.33, 1.34');
  expect(() => imagesOf('latest')).toThrow('Not a Kubernetes version');
});
