import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { masterUserData, workerUserData } from '../../../layers/kubernetes/cloud-init.ts';
import { splitNodeLabels } from '../../../layers/kubernetes/kubelet.ts';
import type { PodSpec } from '../../../layers/kubernetes/manifests/manifest.ts';
import { parseUserData, userDataLimit, type ParsedUserData } from '../../../layers/kubernetes/user-data.ts';
import type { ClusterCertificates } from '../../../layers/pki/certificates.ts';
import { certificatesFor, specWith, workerInput } from './fixtures.ts';

const spec = specWith(5, {
  clusterName: 'a-cluster-name-of-25-chars',
  insecureRegistries: Array.from({ length: 10 }, (_, index) => `registry-${index}.a-rather-long-name.example.org:5000`),
});
const etcdVolumeId = 'e9f1c4a0-8f6e-4a57-9d53-0d3c7f7d9d11';

let certificates: ClusterCertificates;
beforeAll(async () => {
  certificates = await certificatesFor(spec);
});

const content = ({ files }: ParsedUserData, path: string): string => files[path]?.content ?? expect.fail(`no ${path}`);
const dropIn = '/etc/systemd/system/kubelet.service.d/20-moorage.conf';
const kubeletFlags = (data: ParsedUserData): string[] =>
  content(data, dropIn)
    .split('ExecStart=kubelet')[1]!
    .split(/\\?\n\s*/)
    .map((flag) => flag.trim())
    .filter(Boolean);

const sound = (script: string) => execFileSync('sh', ['-n'], { input: script });

describe('master', () => {
  const data = () => masterUserData({ spec, certificates, name: 'shop-master-3', etcdVolumeId });
  const pods = () => {
    const parsed = parseUserData(data());
    return Object.fromEntries(
      ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => {
        const pod = parse(content(parsed, `/etc/kubernetes/manifests/${name}.yaml`)) as {
          kind: string;
          metadata: { name: string; namespace: string };
          spec: PodSpec;
        };
        return [name, pod];
      }),
    );
  };

  test('its controllers hold a lease where another master could take over, and nowhere else', async () => {
    for (const masters of [1, 3]) {
      const some = specWith(masters);
      const parsed = parseUserData(masterUserData({ spec: some, certificates: await certificatesFor(some), name: some.masters[0]!.name, etcdVolumeId }));
      for (const name of ['kube-controller-manager', 'kube-scheduler']) {
        const { spec: { containers: [container] } } = parse(content(parsed, `/etc/kubernetes/manifests/${name}.yaml`)) as { spec: PodSpec };
        expect(container!.command, `${name} of ${masters}`).toContain(`--leader-elect=${masters > 1}`);
      }
    }
  });

  test('is a document of the size that Nova takes, the same each time', () => {
    console.log(`user_data of a master: ${data().length} of ${userDataLimit} characters`);
    expect(data().length).toBeLessThan(userDataLimit / 2);
    expect(data()).toBe(data());
  });

  test("holds the certificates of this master and no other's", () => {
    const text = JSON.stringify(parseUserData(data()));
    const own = certificates.system.masters['shop-master-3']!;
    for (const pair of [own.apiserver, own.kubeletServing, own.etcdServer, own.etcdPeer])
      expect(text).toContain(JSON.stringify(pair.keyPem).slice(1, -1));
    for (const [name, { apiserver, etcdPeer }] of Object.entries(certificates.system.masters)) {
      if (name !== 'shop-master-3')
        for (const { keyPem } of [apiserver, etcdPeer]) expect(text).not.toContain(JSON.stringify(keyPem).slice(1, -1));
    }
    for (const { keyPem } of [certificates.user.ca, certificates.system.etcdCa, certificates.system.admin])
      expect(text).not.toContain(JSON.stringify(keyPem).slice(1, -1));
  });

  test('keys are for root alone', () => {
    const { files } = parseUserData(data());
    for (const [path, { permissions, content: text, owner }] of Object.entries(files)) {
      if (/PRIVATE KEY|client-key-data|secretbox/.test(text)) expect(permissions, path).toBe('0600');
      expect(owner).toBe('root:root');
    }
  });

  test('its static pods start the system cluster by files that are there', () => {
    const parsed = parseUserData(data());
    for (const [name, pod] of Object.entries(pods())) {
      expect(pod).toMatchObject({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'kube-system' },
        spec: { hostNetwork: true, priorityClassName: 'system-node-critical' },
      });
      const [container] = pod.spec.containers;
      expect(container?.resources?.limits.memory).toBeDefined();
      expect(container?.livenessProbe).toBeDefined();
      for (const flag of container?.command ?? []) {
        const path = /^--[\w-]+=(\/etc\/kubernetes\/.+)$/.exec(flag)?.[1];
        if (!path) continue;
        expect(Object.keys(parsed.files), flag).toContain(path);
        expect(
          container?.volumeMounts?.some(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`)),
          flag,
        ).toBe(true);
      }
    }
    expect(pods()['kube-apiserver']!.spec.containers[0]!.securityContext?.capabilities).toEqual({
      drop: ['ALL'],
      add: ['NET_BIND_SERVICE'],
    });
    expect(pods()['kube-apiserver']!.spec.containers[0]!.command).toEqual(
      expect.arrayContaining([
        '--secure-port=16443',
        '--advertise-address=100.96.0.13',
        '--service-cluster-ip-range=100.112.0.0/16',
      ]),
    );
  });

  test('etcd knows all members from the start', () => {
    expect(pods().etcd!.spec.containers[0]!.command).toEqual(
      expect.arrayContaining([
        '--name=shop-master-3',
        `--initial-cluster=${spec.masters.map(({ name, address }) => `${name}=https://${address}:2380`).join(',')}`,
        '--data-dir=/var/lib/etcd/system',
      ]),
    );
  });

  test('no port is used by both clusters', () => {
    const text = Object.values(pods())
      .map((pod) => JSON.stringify(pod))
      .join();
    for (const port of ['6443"', '2389', '2390', '10357', '10359'])
      expect(text.replaceAll('16443"', '')).not.toContain(port);
  });

  test('kubelet takes its configuration, runs static pods, and lets anything be put on its node', () => {
    const parsed = parseUserData(data());
    expect(parse(content(parsed, '/etc/kubernetes/kubelet.yaml'))).toMatchObject({
      kind: 'KubeletConfiguration',
      staticPodPath: '/etc/kubernetes/manifests',
      tlsCertFile: '/etc/kubernetes/pki/kubelet.crt',
      authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' } },
    });
    expect(parse(content(parsed, '/etc/kubernetes/kubelet.yaml'))).not.toHaveProperty('registerWithTaints');
    expect(kubeletFlags(parsed)).toEqual(
      expect.arrayContaining([
        '--kubeconfig=/etc/kubernetes/kubelet.conf',
        '--hostname-override=shop-master-3',
        '--node-ip=100.96.0.13',
        '--node-labels=moorage.io/role=master',
      ]),
    );
    expect(content(parsed, dropIn)).toContain('RequiresMountsFor=/var/lib/etcd');
    const kubeconfig = parse(content(parsed, '/etc/kubernetes/kubelet.conf')) as {
      clusters: { cluster: { server: string } }[];
    };
    expect(kubeconfig.clusters[0]!.cluster.server).toBe('https://127.0.0.1:16443');
  });

  test('the etcd volume is found by its id, before kubelet starts', () => {
    const parsed = parseUserData(data());
    const script = content(parsed, '/usr/local/sbin/moorage-etcd-volume');
    sound(script);
    expect(script).toContain(`volume=${etcdVolumeId}`);
    const order = parsed.runcmd.map((command) => command.join(' '));
    expect(order.indexOf('/usr/local/sbin/moorage-etcd-volume')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('/usr/local/sbin/moorage-etcd-volume')).toBeLessThan(
      order.indexOf('systemctl restart --no-block kubelet'),
    );
  });

  test('masters have pod networks of their own', () => {
    const subnet = (name: string) =>
      /"subnet":"([^"]+)"/.exec(
        content(
          parseUserData(masterUserData({ spec, certificates, name, etcdVolumeId })),
          '/etc/cni/net.d/10-moorage.conflist',
        ),
      )?.[1];
    expect([subnet('shop-master-0'), subnet('shop-master-4')]).toEqual(['100.113.0.0/24', '100.113.4.0/24']);
  });

  test("a name that is no master's is refused", () => {
    expect(() => masterUserData({ spec, certificates, name: 'shop-master-5', etcdVolumeId })).toThrow(
      'shop-master-5 is not a master',
    );
  });
});

describe('worker', () => {
  const input = () => workerInput(spec, certificates.user.ca.certPem);
  const parsed = () => parseUserData(workerUserData(input()));

  test('joins by its token over the service network', () => {
    const bootstrap = parse(content(parsed(), '/etc/kubernetes/bootstrap-kubelet.conf')) as {
      clusters: { cluster: Record<string, string> }[];
      users: { user: Record<string, string> }[];
    };
    expect(bootstrap.clusters[0]!.cluster).toEqual({
      server: 'https://100.96.0.5:6443',
      'certificate-authority-data': Buffer.from(certificates.user.ca.certPem).toString('base64'),
    });
    expect(bootstrap.users[0]!.user).toEqual({ token: 'abcdef.0123456789abcdef' });
    expect(kubeletFlags(parsed())).toEqual(
      expect.arrayContaining([
        '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
        '--hostname-override=shop-blue-4',
        '--node-ip=10.0.0.44',
        '--provider-id=openstack:///${INSTANCE_ID}',
      ]),
    );
  });

  test('asks with its token until it is let in, and only then starts its kubelet', () => {
    expect(content(parsed(), dropIn)).toContain('ExecStartPre=/usr/local/sbin/moorage-await-api\nTimeoutStartSec=infinity\n');
    const folder = mkdtempSync(join(tmpdir(), 'moorage-await-'));
    const put = (name: string, text: string) => writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    // Refused twice, then let in; what it was asked is kept.
    put('curl', `cat >>${folder}/config; echo "$*" >>${folder}/asked; [ "$(wc -l <${folder}/asked)" -ge 3 ]`);
    put('sleep', 'exit 0');
    writeFileSync(join(folder, 'bootstrap.conf'), content(parsed(), '/etc/kubernetes/bootstrap-kubelet.conf'));
    const script = content(parsed(), '/usr/local/sbin/moorage-await-api').replace('/etc/kubernetes/bootstrap-kubelet.conf', join(folder, 'bootstrap.conf'));
    execFileSync('sh', { input: script, env: { PATH: `${folder}:${process.env.PATH}` } });
    const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
    expect(asked).toHaveLength(3);
    expect(asked[0]).toContain('https://100.96.0.5:6443/apis/certificates.k8s.io/v1/certificatesigningrequests');
    // An API that is there but busy has a minute: asking anew would only make it busier.
    expect(asked[0]).toContain('--connect-timeout 5 --max-time 60');
    // The token is no argument, which others on the machine could read.
    expect(asked.join()).not.toContain('abcdef');
    expect(readFileSync(join(folder, 'config'), 'utf8')).toContain('Authorization: Bearer abcdef.0123456789abcdef');
    rmSync(folder, { recursive: true });
  });

  test('holds no private key', () => {
    expect(JSON.stringify(parsed())).not.toMatch(/PRIVATE KEY|client-key-data/);
  });

  test('registers with those labels that it may set, and with its taints', () => {
    const labels = kubeletFlags(parsed()).find((flag) => flag.startsWith('--node-labels='))!;
    expect(labels.split('=').slice(1).join('=').split(',').toSorted()).toEqual(
      [
        'moorage.io/node-group-id=group-1',
        'moorage.io/node-group=blue',
        'node.kubernetes.io/instance-type=m1.large',
        'tier=front',
        'topology.kubernetes.io/region=RegionOne',
        'topology.kubernetes.io/zone=az1',
      ].toSorted(),
    );
    expect(parse(content(parsed(), '/etc/kubernetes/kubelet.yaml'))).toMatchObject({
      clusterDNS: ['10.254.0.10'],
      registerWithTaints: [
        { key: 'dedicated', value: 'front', effect: 'NoSchedule' },
        { key: 'bare', effect: 'NoExecute' },
      ],
    });
  });

  test("has its address and default route on the user's network, and only the way to the API on the other", () => {
    const file = (name: string) => content(parsed(), `/etc/systemd/network/05-moorage-${name}`).split('\n');
    expect(file('parent.network')).toEqual(
      expect.arrayContaining([
        'MACAddress=FA:16:3E:00:00:01',
        'Address=100.96.1.4/20',
        'VLAN=user0',
        'MTUBytes=1450',
        'DHCP=no',
      ]),
    );
    expect(file('parent.network').join()).not.toMatch(/Gateway|DNS/);
    expect(file('user0.netdev')).toEqual([
      '[NetDev]',
      'Name=user0',
      'Kind=vlan',
      'MACAddress=fa:16:3e:00:00:02',
      '[VLAN]',
      'Id=100',
      '',
    ]);
    expect(file('user0.network')).toEqual(
      expect.arrayContaining([
        'Address=10.0.0.44/24',
        'Gateway=10.0.0.1',
        'DNS=10.0.0.2',
        'DNS=10.0.0.3',
        'MTUBytes=1450',
      ]),
    );
    expect(content(parsed(), '/etc/kubernetes/resolv.conf')).toBe('nameserver 10.0.0.2\nnameserver 10.0.0.3\n');
  });

  test('a subnet without names has its pods ask the router, as CoreDNS starts with somebody to ask only', () => {
    const user = { ...input().network.user, dnsServers: [] };
    const nameless = parseUserData(workerUserData({ ...input(), network: { ...input().network, user } }));
    expect(content(nameless, '/etc/kubernetes/resolv.conf')).toBe('nameserver 10.0.0.1\n');
  });

  test('a subnet without gateway and names is taken as it is', () => {
    const { gateway: _, ...user } = {
      ...input().network.user,
      dnsServers: [],
      hostRoutes: [{ destination: '172.16.0.0/12', nexthop: '10.0.0.9' }],
    };
    const bare = parseUserData(workerUserData({ ...input(), network: { ...input().network, user } }));
    expect(content(bare, '/etc/systemd/network/05-moorage-user0.network')).toMatch(
      /\[Route\]\nDestination=172\.16\.0\.0\/12\nGateway=10\.0\.0\.9\n/,
    );
    expect(content(bare, '/etc/systemd/network/05-moorage-user0.network')).not.toMatch(/DNS=|^Gateway=10\.0\.0\.1$/m);
    expect(parse(content(bare, '/etc/kubernetes/kubelet.yaml'))).toMatchObject({
      resolvConf: '/run/systemd/resolve/resolv.conf',
    });
  });

  test('its script is sound, and runs before kubelet', () => {
    sound(content(parsed(), '/usr/local/sbin/moorage-node'));
    expect(content(parsed(), '/usr/local/sbin/moorage-node')).toContain('= "fa:16:3e:00:00:01"');
    expect(parsed().runcmd[0]).toEqual(['/usr/local/sbin/moorage-node']);
  });

  test('insecure registries reach containerd, which starts anew', () => {
    expect(
      content(parsed(), '/etc/containerd/certs.d/registry-9.a-rather-long-name.example.org:5000/hosts.toml'),
    ).toContain('skip_verify = true');
    expect(parsed().runcmd).toContainEqual(['/usr/local/sbin/moorage-registries']);
    sound(content(parsed(), '/usr/local/sbin/moorage-registries'));
    const program = /sed -E '(.+)'/.exec(content(parsed(), '/usr/local/sbin/moorage-registries'))![1]!;
    expect(
      execFileSync('sed', ['-E', program], {
        input: '[registry]\n      config_path = ""\n      other = ""\n',
      }).toString(),
    ).toBe('[registry]\n      config_path = "/etc/containerd/certs.d"\n      other = ""\n');
    const without = parseUserData(workerUserData({ ...input(), spec: { ...spec, insecureRegistries: [] } }));
    expect(JSON.stringify(without)).not.toContain('containerd/certs.d');
  });

  test('what Nova would refuse is refused with its size', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 3000 }, () => [`l${crypto.randomUUID()}`, crypto.randomUUID()]),
    );
    expect(() => workerUserData({ ...input(), labels })).toThrow(
      expect.objectContaining({ name: 'TerminalError', code: 'USER_DATA_TOO_LARGE' }),
    );
    console.log(`user_data of a worker: ${workerUserData(input()).length} of ${userDataLimit} characters`);
  });
});

test("labels that a kubelet must not set are the platform's to set", () => {
  expect(
    splitNodeLabels({
      a: '1',
      'example.org/b': '2',
      'topology.kubernetes.io/zone': 'az1',
      'node.kubernetes.io/x': '3',
      'kubelet.kubernetes.io/y': '4',
      'node-role.kubernetes.io/worker': '',
      'node-restriction.kubernetes.io/c': '5',
      'k8s.io/d': '6',
      'mykubernetes.io/e': '7',
    }),
  ).toEqual({
    kubelet: {
      a: '1',
      'example.org/b': '2',
      'topology.kubernetes.io/zone': 'az1',
      'node.kubernetes.io/x': '3',
      'kubelet.kubernetes.io/y': '4',
      'mykubernetes.io/e': '7',
    },
    platform: { 'node-role.kubernetes.io/worker': '', 'node-restriction.kubernetes.io/c': '5', 'k8s.io/d': '6' },
  });
});
