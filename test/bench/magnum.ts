/** One cluster of the lab's Magnum: made, timed, and taken away again. */
import { setTimeout as pause } from 'node:timers/promises';
import { onlookerRequestId } from '../../local/openstack/log.ts';
import type { User } from '../../local/demo/user.ts';
import * as nova from '../../layers/openstack/nova.ts';
import type { Call } from '../../layers/openstack/call.ts';

const keypair = 'bench';
/** Looking how far it is costs nothing that is measured. */
const unseen = { headers: { 'x-openstack-request-id': onlookerRequestId } };

export interface MagnumRun { seconds: number; remove(): Promise<void> }

/** What a cluster is made from: once, and not measured. */
export async function prepareMagnum({ session }: User): Promise<string> {
  const magnum = callerOf(session);
  await session.request({ service: 'compute', method: 'POST', path: pathOf('/os-keypairs'), body: { keypair: { name: keypair, public_key: publicKey } } })
    .catch((error: { status?: number }) => { if (error.status !== 409) throw error; });
  const flavors = await nova.listFlavors(session);
  const flavor = flavors.find(({ name }) => name === 'lab.small')!.id;
  const { uuid } = await magnum<{ uuid: string }>('POST', '/clustertemplates', {
    name: `bench-${Date.now()}`, coe: 'kubernetes', image_id: 'fedora-coreos-38', keypair_id: keypair, external_network_id: 'public',
    flavor_id: flavor, master_flavor_id: flavor, network_driver: 'calico', docker_storage_driver: 'overlay2', master_lb_enabled: true,
  });
  return uuid;
}

/** Resolves when Magnum calls it complete. */
export async function runMagnum({ session }: User, template: string, workers: number): Promise<MagnumRun> {
  const magnum = callerOf(session);
  const started = performance.now();
  const { uuid } = await magnum<{ uuid: string }>('POST', '/clusters', { name: 'bench', cluster_template_id: template, keypair, master_count: 1, node_count: workers });
  for (;;) {
    await pause(500);
    const { status, status_reason } = await magnum<{ status: string; status_reason: string | null }>('GET', `/clusters/${uuid}`);
    if (status === 'CREATE_COMPLETE') break;
    if (status !== 'CREATE_IN_PROGRESS') throw new Error(`Magnum's cluster is ${status}: ${status_reason}`);
  }
  const seconds = (performance.now() - started) / 1_000;
  return {
    seconds,
    async remove() {
      await magnum('DELETE', `/clusters/${uuid}`);
      for (;;) {
        const gone = await magnum<{ status: string; status_reason: string | null }>('GET', `/clusters/${uuid}`).then(({ status, status_reason }) => {
          if (status === 'DELETE_FAILED') throw new Error(`Magnum's cluster cannot be deleted: ${status_reason}`);
          return false;
        }, (error: { status?: number; message: string }) => {
          // Its masters are gone and itself not yet: Magnum's own answer does not pass its own check.
          if (error.status === 400 && error.message.includes('master_count')) return false;
          if (error.status !== 404) throw error;
          return true;
        });
        if (gone) break;
        await pause(500);
      }
      await magnum('DELETE', `/clustertemplates/${template}`);
    },
  };
}

const pathOf = (text: string): Call['path'] => ({ text, template: text }) as Call['path'];

const callerOf = (session: User['session']) => <T>(method: Call['method'], path: string, body?: unknown): Promise<T> =>
  session.request<T>({ service: 'container-infra', method, path: pathOf(path), ...(body !== undefined && { body }), ...(method === 'GET' && unseen) });

/** Of nobody: it opens nothing. */
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKAcOQvG1sZcmfKj8yZxvB9bXqFKq1pEc6VEjy4yI1pB bench';
