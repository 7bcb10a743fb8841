/** What the pods of the system cluster say about the user's control plane. */
import { createSecureContext } from 'node:tls';
import type { Api } from '../kubernetes/api.ts';
import { isReady, resources, type ContainerSpec, type Pod } from '../kubernetes/controllers/kinds.ts';
import type { Waiting } from '../kubernetes/controllers/kubelets.ts';
import { commandOf, kubeconfigOf, type Command } from './machine-data.ts';
import { certificatesIn, isTrusted } from './trust.ts';

export interface Process { pod: Pod; container: ContainerSpec; command: Command }

const programOf = ({ program }: Command): string => program.slice(program.lastIndexOf('/') + 1);

/** Flags as the process gets them: variables of its environment that every pod here has are filled in. */
function processOf(pod: Pod, container: ContainerSpec): Process {
  const words = [...container.command ?? [], ...container.args ?? []].map((word) =>
    word.replaceAll('$(NODE_NAME)', pod.spec.nodeName ?? ''));
  return { pod, container, command: commandOf(words) };
}

/** By pod: an object never changes, so what was read of it once stays true. */
const known = new WeakMap<Pod, Process[]>();

function processesOf(pod: Pod): Process[] {
  const found = known.get(pod) ?? pod.spec.containers.map((container) => processOf(pod, container));
  known.set(pod, found);
  return found;
}

/** Every process of the cluster's pods; static pods are no objects here. */
export const processes = (api: Api): Process[] => (api.list(resources.pods) as Pod[]).flatMap(processesOf);

/** Processes of a program whose pods are ready. */
export const running = (api: Api, program: string): Process[] =>
  processes(api).filter(({ pod, command }) => programOf(command) === program && isReady(pod));

interface Mounted extends ContainerSpec { volumeMounts?: { name: string; mountPath: string }[] }

/** What the process reads at `path`, out of its Secrets and ConfigMaps; undefined when there is no such file. */
export function fileOf(api: Api, { pod, container }: Process, path: string): string | undefined {
  const mount = ((container as Mounted).volumeMounts ?? []).filter(({ mountPath }) => path.startsWith(`${mountPath}/`))
    .toSorted((one, other) => other.mountPath.length - one.mountPath.length)[0];
  const volume = pod.spec.volumes?.find(({ name }) => name === mount?.name);
  if (!mount || !volume) return undefined;
  const { namespace } = pod.metadata;
  const key = path.slice(mount.mountPath.length + 1);
  if (volume.secret?.secretName) {
    const secret = api.find({ resource: resources.secrets, namespace, name: volume.secret.secretName });
    const value = (secret?.data as Record<string, string> | undefined)?.[key];
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
  }
  if (!volume.configMap?.name) return undefined;
  const map = api.find({ resource: resources.configMaps, namespace, name: volume.configMap.name });
  return (map?.data as Record<string, string> | undefined)?.[key];
}

export interface ServingFiles { port: number; certPem: string; keyPem: string; clientCaPem: string; serviceCidr: string }

let fitting = '';

/** Throws when certificate and key are not a pair. What fitted last is not tried again: every change asks. */
function requireFitting({ certPem, keyPem, clientCaPem }: ServingFiles): void {
  const text = certPem + keyPem + clientCaPem;
  if (text === fitting) return;
  createSecureContext({ cert: certPem, key: keyPem, ca: clientCaPem });
  fitting = text;
}

/** What an API server serves with. Throws with its complaint when something is missing or does not fit together. */
export function servingFiles(api: Api, process: Process): ServingFiles {
  const { flags } = process.command;
  const file = (flag: string): string => {
    const path = flags[flag];
    const content = path === undefined ? undefined : fileOf(api, process, path);
    if (content === undefined) throw new Error(`open ${path ?? `(no --${flag})`}: no such file or directory`);
    return content;
  };
  const files: ServingFiles = {
    port: Number(flags['secure-port'] ?? 6443), certPem: file('tls-cert-file'), keyPem: file('tls-private-key-file'),
      clientCaPem: file('client-ca-file'),
    serviceCidr: flags['service-cluster-ip-range'] ?? '10.0.0.0/24',
  };
  requireFitting(files);
  return files;
}

/** The same; undefined when something is missing: its pod will not stay ready. */
export function filesOf(api: Api, process: Process): ServingFiles | undefined {
  try {
    return servingFiles(api, process);
  } catch {
    return undefined;
  }
}

/** How many members the etcd of these processes has, and on which nodes one is ready. */
export function etcdMembers(api: Api): { wanted: number; ready: string[] } {
  const members = processes(api).filter(({ command }) => programOf(command) === 'etcd');
  const wanted = members[0]?.command.flags['initial-cluster']?.split(',').length ?? 0;
  return { wanted, ready: members.flatMap(({ pod }) => isReady(pod) ? pod.spec.nodeName ?? [] : []) };
}

const hasUserQuorum = (api: Api): boolean => {
  const { wanted, ready } = etcdMembers(api);
  return ready.length > wanted / 2;
};

const crash = (message: string): Waiting => ({ reason: 'CrashLoopBackOff', message });

/** What keeps the processes of a pod from running: files that are not there, an etcd or an API that does not answer. */
export function holdControlPlane(api: Api, userApiUp: () => boolean): (pod: Pod) => Waiting | undefined {
  return (pod) => {
    for (const process of processesOf(pod)) {
      const { flags } = process.command;
      const program = programOf(process.command);
      if (program === 'etcd') {
        const certificate = flags['cert-file'];
        if (certificate && fileOf(api, process,
          certificate) === undefined) return crash(`open ${certificate}: no such file or directory`);
      } else if (program === 'kube-apiserver') {
        try {
          servingFiles(api, process);
        } catch (error) {
          return crash((error as Error).message);
        }
        if (!hasUserQuorum(api)) return crash(`dial ${flags['etcd-servers'] ?? 'etcd'}: connection refused`);
      } else if (flags.kubeconfig && !userApiUp()) {
        return crash('the API server does not answer: connection refused');
      } else {
        const complaint = complaintOf(api, process);
        if (complaint) return crash(complaint);
      }
    }
    return undefined;
  };
}

/** What a client of the API server on its master would end with. */
function complaintOf(api: Api, process: Process): string | undefined {
  const { flags } = process.command;
  const path = flags['cluster-signing-cert-file'];
  const signers = path === undefined ? 1 : certificatesIn(fileOf(api, process, path) ?? '').length;
  // Source: kubernetes, pkg/controller/certificates/signer/ca_provider.go.
  if (signers !== 1) return `error reading CA cert file "${path}": expected 1 certificate, found ${signers}`;
  const text = flags.kubeconfig === undefined ? undefined : fileOf(api, process, flags.kubeconfig);
  const server = running(api, 'kube-apiserver').find(({ pod }) => pod.spec.nodeName === process.pod.spec.nodeName);
  if (text === undefined || !server) return undefined;
  const { caPem, certPem } = kubeconfigOf(text, flags.kubeconfig!);
  const serving = filesOf(api, server);
  if (!serving) return undefined;
  if (!isTrusted(serving.certPem, caPem)) return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  return certPem === undefined || isTrusted(certPem, serving.clientCaPem) ? undefined : 'the server has asked for the client to provide credentials (Unauthorized)';
}

/** Programs of the pod, to tell how long it takes. */
export const programsOf = (pod: Pod): string[] => processesOf(pod).map(({ command }) => programOf(command));
