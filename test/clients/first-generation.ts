/** A cluster of the first generation, which the cloud's own Magnum builds: Moorage is on the way, and nobody notices. */
import { expectPart, until } from '../checks.ts';
import { writeRequest } from './signing.ts';
import { ownTemplate, type Clients } from './service.ts';

const name = 'clients-first';
const minutes = 60_000;

export async function firstGeneration(clients: Clients): Promise<void> {
  const { checks: { check }, demo, home } = clients;
  const show = () => demo.json<Record<string, unknown>>('coe', 'cluster', 'show', name);
  const settled = (wanted: string) => until(`${name} to be ${wanted}`, 15 * minutes, async () => {
    // A busy machine may not answer at once.
    const { status, status_reason } = await show().catch((error: Error) => ({ status: error.message, status_reason: '' }));
    if (String(status).endsWith('_FAILED')) throw new Error(`${String(status)}: ${String(status_reason)}`);
    return { seen: String(status), ...(status === wanted && { done: true }) };
  });
  /** In Nova: the status alone may still be that of the change before. */
  const hasWorkers = async (count: number) => {
    await until(`${count} workers of ${name}`, 15 * minutes, async () => {
      const servers = await demo.json<{ Name: string; Status: string }[]>('server', 'list', '--name', `^${name}-.*-node-`);
      return { seen: JSON.stringify(servers), ...(servers.filter(({ Status }) => Status === 'ACTIVE').length === count && servers.length === count && { done: true }) };
    });
    await settled('UPDATE_COMPLETE');
  };
  await check('first: keypair and cluster create', async () => {
    await demo.say('keypair', 'create', name, '--private-key', `${home}/${name}.key`).catch(() => undefined);
    await demo.say('coe', 'cluster', 'create', name, '--cluster-template', ownTemplate, '--keypair', name, '--node-count', '1');
  });
  await check('first: cluster list', async () => expectPart(await demo.say('coe', 'cluster', 'list'), new RegExp(name)));
  await check('first: cluster show until it is there', () => settled('CREATE_COMPLETE'));
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
  await check('first: ca rotate', async () => {
    const before = await demo.say('coe', 'ca', 'show', name);
    await demo.say('coe', 'ca', 'rotate', name);
    await until('another authority', 10 * minutes, async () => {
      const now = await demo.say('coe', 'ca', 'show', name);
      return { seen: now, ...(now !== before && { done: true }) };
    });
    await settled('UPDATE_COMPLETE');
  });
  await check('first: cluster resize', async () => {
    await demo.say('coe', 'cluster', 'resize', name, '2');
    await hasWorkers(2);
    expectPart(await show(), { node_count: 2 });
  });
  await check('first: cluster update', async () => {
    await demo.say('coe', 'cluster', 'update', name, 'replace', 'node_count=1');
    await hasWorkers(1);
    expectPart(await show(), { node_count: 1 });
  });
  await nodeGroups(clients);
  await check('first: cluster delete, until it is gone', async () => {
    await demo.say('coe', 'cluster', 'delete', name);
    await until(`${name} to be gone`, 10 * minutes, async () => {
      const its = (await demo.json<{ name: string; status: string }[]>('coe', 'cluster', 'list')).find((cluster) => cluster.name === name);
      if (its?.status === 'DELETE_FAILED') throw new Error(`${name} is DELETE_FAILED`);
      return { seen: its?.status ?? 'none', ...(!its && { done: true }) };
    });
    await demo.say('coe', 'cluster', 'template', 'delete', ownTemplate);
    await demo.say('keypair', 'delete', name);
  });
}

/** Each change when the one before is through: Magnum loses track of a group that is deleted while it is made. */
async function nodeGroups({ checks: { check }, demo }: Clients): Promise<void> {
  const group = () => demo.json<Record<string, unknown>>('coe', 'nodegroup', 'show', name, 'extra');
  const is = (wanted: Record<string, unknown>) => until(`the group to be ${JSON.stringify(wanted)}`, 15 * minutes, async () => {
    const seen = await group();
    if (String(seen.status).endsWith('_FAILED')) throw new Error(`${String(seen.status)}: ${String(seen.status_reason)}`);
    return { seen: JSON.stringify(seen), ...(Object.entries(wanted).every(([key, value]) => seen[key] === value) && { done: true }) };
  });
  await check('first: nodegroup create', async () => {
    await demo.say('coe', 'nodegroup', 'create', name, 'extra', '--node-count', '1', '--min-nodes', '1', '--max-nodes', '2');
    expectPart(await group(), { name: 'extra', is_default: false, min_node_count: 1, max_node_count: 2 });
    await is({ status: 'CREATE_COMPLETE' });
  });
  await check('first: nodegroup update', async () => {
    await demo.say('coe', 'nodegroup', 'update', name, 'extra', 'replace', 'max_node_count=4');
    await is({ max_node_count: 4 });
  });
  await check('first: nodegroup delete', async () => {
    await demo.say('coe', 'nodegroup', 'delete', name, 'extra');
    await until('no such group', 10 * minutes, async () => {
      const listed = await demo.json<{ name: string; status: string }[]>('coe', 'nodegroup', 'list', name);
      return { seen: JSON.stringify(listed), ...(!listed.some((each) => each.name === 'extra') && { done: true }) };
    });
  });
}

async function directory(path: string): Promise<string> {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(path, { recursive: true });
  return path;
}
