/**
 * `node test/openstack-lab/vm/boot-master.ts`: one master as a virtual machine of its own, without a cloud: QEMU, the image
 * of build-image, a configuration drive as Nova writes it and an empty disk for etcd. Shows that a master comes up by its
 * cloud-init data alone, with a real cloud-init, systemd and kernel: ends when its API server answers and its node is Ready.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { masterUserData } from '../../../layers/kubernetes/cloud-init.ts';
import { kubeconfig } from '../../../layers/kubernetes/kubeconfig.ts';
import { ports, type KubernetesSpec } from '../../../layers/kubernetes/spec.ts';
import { issueCertificates } from '../../../layers/pki/certificates.ts';
import { inKube } from '../../../local/kube-build/cache.ts';
import { programPath } from '../../../local/kube-build/go-build.ts';
import { kubernetesVersions } from '../../../local/kube-build/go-modules.ts';
import { runProgram } from '../../../local/kube-build/run-program.ts';
import { writeConfigDrive } from './config-drive.ts';

const { values } = parseArgs({ options: { version: { type: 'string', default: kubernetesVersions[0]! }, minutes: { type: 'string', default: '15' }, cpu: { type: 'string', default: 'max,erms=off,la57=off,smap=off,smep=off,umip=off,pku=off,pks=off' } } });
const address = '100.96.0.10';
const name = 'shop-master-0';
const volumeId = '6b1f0a44-3d1c-4f7e-9a55-0d6f1e2c3b4a';
const macAddress = 'fa:16:3e:00:00:10';
const spec: KubernetesSpec = {
  clusterId: '39UdIv4W0EegBs2EYVeGdas38do', clusterName: 'shop', version: values.version, masters: [{ name, address }],
  apiAddress: '100.96.0.5', podsCidr: '10.100.0.0/16', serviceCidr: '10.254.0.0/16', systemPodsCidr: '100.113.0.0/16',
  systemServiceCidr: '100.112.0.0/16', networkPlugin: 'calico', insecureRegistries: [],
};

const started = performance.now();
const say = (line: string): void => console.log(`[${String(Math.round((performance.now() - started) / 1_000)).padStart(4)} s] ${line}`);
const folder = mkdtempSync(join(tmpdir(), 'moorage-vm-'));
const certificates = await issueCertificates({
  clusterId: spec.clusterId, masters: spec.masters, apiAddresses: [spec.apiAddress], apiNames: [], serviceCidr: spec.serviceCidr,
  systemServiceCidr: spec.systemServiceCidr, now: new Date(),
});
const drive = await writeConfigDrive(folder, {
  instanceId: '0c6e2c1e-7b7c-4a3a-8d53-5b8f6f0e9a01', name,
  userData: masterUserData({ spec, certificates, name, etcdVolumeId: volumeId }),
  port: { macAddress, address, netmask: '255.255.240.0', gateway: '100.96.0.1', mtu: 1450, dnsServers: ['100.96.0.3'] },
});
const port = await freePort();
const guest = await boot();
let isUp = false;
try {
  isUp = await comesUp();
} finally {
  guest.kill('SIGKILL');
  if (isUp) rmSync(folder, { recursive: true, force: true });
  else say(`what the machine said: ${join(folder, 'console')}`);
}
console.log(isUp ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exit(isUp ? 0 : 1);

/** QEMU's own network stands for the service network: only the system API is let through to this machine. */
async function boot() {
  const image = inKube('vm', spec.version);
  const [root, etcd] = [join(folder, 'root.qcow2'), join(folder, 'etcd.qcow2')];
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', join(image, 'disk.qcow2'), root, '12G']);
  await runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', etcd, '4G']);
  const log = openSync(join(folder, 'console'), 'w');
  say(`booting ${name}`);
  return spawn('nice', ['-n', '5', 'qemu-system-x86_64', '-accel', 'tcg,thread=multi,tb-size=256', '-cpu', values.cpu, '-smp', '2', '-m', '3072', '-nographic', '-nodefaults', '-no-reboot',
    '-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd.img'),
    '-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off tsc=reliable', '-serial', 'stdio',
    '-drive', `file=${root},if=none,id=root`, '-device', 'virtio-blk-pci,drive=root',
    '-drive', `file=${etcd},if=none,id=etcd`, '-device', `virtio-blk-pci,drive=etcd,serial=${volumeId.slice(0, 20)}`,
    '-drive', `file=${drive},if=none,id=drive,format=raw,readonly=on`, '-device', 'virtio-blk-pci,drive=drive',
    '-netdev', `user,id=net,net=100.96.0.0/20,host=100.96.0.1,dns=100.96.0.3,restrict=on,hostfwd=tcp:127.0.0.1:${port}-${address}:${ports.system.api}`,
    '-device', `virtio-net-pci,netdev=net,mac=${macAddress}`,
  ], { stdio: ['ignore', log, log] });
}

/** Asks until the node is Ready, or time is up; says what changed. */
async function comesUp(): Promise<boolean> {
  const { system } = certificates;
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, kubeconfig({
    clusterName: spec.clusterName, server: `https://127.0.0.1:${port}`, caPem: system.ca.certPem, certPem: system.admin.certPem,
    keyPem: system.admin.keyPem, user: 'admin',
  }));
  const kubectl = (...args: string[]): Promise<string> =>
    runProgram(programPath(`kubernetes-${spec.version}`, 'kubectl'), ['--kubeconfig', file, `--tls-server-name=${address}`, '--request-timeout=20s', ...args]);
  const end = started + Number(values.minutes) * 60_000;
  let last = '';
  while (performance.now() < end && guest.exitCode === null) {
    const now = await kubectl('get', 'nodes', '-o', 'wide', '--no-headers').catch((error: unknown) => (error as Error).message.trim().split('\n').at(-1)!);
    if (now !== last) say(now.trim() || 'the API server answers; no node yet');
    last = now;
    if (/ Ready /.test(now)) {
      say((await kubectl('get', 'pods', '-A', '-o', 'wide')).trim());
      return true;
    }
    await new Promise((resolve) => { setTimeout(resolve, 5_000); });
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => { server.close(resolve); });
  return free;
}
