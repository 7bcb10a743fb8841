/** A cluster of the first generation, which the cloud's own Magnum builds: Moorage is on the way, and nobody notices. */
import { expectPart, until } from '../checks.ts';
import { writeRequest } from './signing.ts';
import { ownTemplate, type Clients } from './service.ts';

const name = 'clients-first';
const minutes = 60_000;

export async function firstGeneration({ checks: { check }, demo, home }: Clients): Promise<void> {
  const show = () => demo.json<Record<string, unknown>>('coe', 'cluster', 'show', name);
  const settled = (wanted: RegExp) => until(`${name} to be ${wanted}`, 15 * minutes, async () => {
    const { status } = await show().catch((error: Error) => ({ status: error.message }));
    return { seen: String(status), ...(wanted.test(String(status)) && { done: String(status) }) };
  });
  await check('first: keypair and cluster create', async () => {
    await demo.say('keypair', 'create', name, '--private-key', `${home}/${name}.key`).catch(() => undefined);
    await demo.say('coe', 'cluster', 'create', name, '--cluster-template', ownTemplate, '--keypair', name, '--node-count', '1');
  });
  await check('first: cluster list', async () => expectPart(await demo.say('coe', 'cluster', 'list'), new RegExp(name)));
  await check('first: cluster show until it is there', () => settled(/^CREATE_COMPLETE$/));
  await check('first: ca show', async () => expectPart(await demo.say('coe', 'ca', 'show', name), /BEGIN CERTIFICATE/));
  await check('first: ca sign', async () => expectPart(await demo.say('coe', 'ca', 'sign', name, await writeRequest(home, name)), /BEGIN CERTIFICATE/));
  await check('first: cluster config writes a kubeconfig', async () => {
    const dir = `${home}/${name}`;
    expectPart(await demo.say('coe', 'cluster', 'config', name, '--dir', await directory(dir), '--force'), new RegExp(`KUBECONFIG=${dir}/config`));
  });
  await check('first: nodegroup list, show', async () => {
    expectPart(await demo.say('coe', 'nodegroup', 'list', name), /default-master[\s\S]*default-worker/);
    expectPart(await demo.json('coe', 'nodegroup', 'show', name, 'default-worker'), { name: 'default-worker', is_default: true, role: 'worker' });
  });
  await check('first: cluster resize', async () => {
    await demo.say('coe', 'cluster', 'resize', name, '2');
    await settled(/^UPDATE_/);
  });
  await check('first: cluster update', async () => {
    await settled(/_(COMPLETE|FAILED)$/);
    await demo.say('coe', 'cluster', 'update', name, 'replace', 'node_count=1');
  });
  await check('first: nodegroup create, update, delete', async () => {
    await settled(/_(COMPLETE|FAILED)$/);
    await demo.say('coe', 'nodegroup', 'create', name, 'extra', '--node-count', '1', '--min-nodes', '1', '--max-nodes', '2');
    expectPart(await demo.json('coe', 'nodegroup', 'show', name, 'extra'), { name: 'extra', is_default: false });
    await demo.say('coe', 'nodegroup', 'delete', name, 'extra');
  });
  await check('first: cluster delete, until it is gone', async () => {
    await demo.say('coe', 'cluster', 'delete', name);
    await until(`${name} to be gone`, 10 * minutes, async () => {
      const listed = await demo.say('coe', 'cluster', 'list');
      return { seen: listed, ...(!listed.includes(name) && { done: true }) };
    });
    await demo.say('coe', 'cluster', 'template', 'delete', ownTemplate);
    await demo.say('keypair', 'delete', name);
  });
}

async function directory(path: string): Promise<string> {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(path, { recursive: true });
  return path;
}
