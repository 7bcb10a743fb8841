/** A managed cluster, used by Magnum's clients as if Magnum had made it. */
import { mkdir } from 'node:fs/promises';
import { expectPart, until } from '../checks.ts';
import { kubectl } from './command.ts';
import { managedTemplate, type Clients } from './service.ts';
import { writeRequest } from './signing.ts';

const name = 'clients-second';
const minutes = 60_000;

export async function secondGeneration(clients: Clients): Promise<void> {
  const { checks: { check }, demo, home } = clients;
  const show = (): Promise<Record<string, unknown>> => demo.json('coe', 'cluster', 'show', name);
  const settled = (wanted: RegExp) => until(`${name} to be ${wanted}`, 15 * minutes, async () => {
    // A busy machine may not answer at once.
    const { status, status_reason } = await show().catch((error: Error) => ({ status: error.message, status_reason: '' }));
    if (String(status).endsWith('_FAILED')) throw new Error(`${String(status)}: ${String(status_reason)}`);
    return { seen: String(status), ...(wanted.test(String(status)) && { done: String(status) }) };
  });
  const refused = async (pattern: RegExp, ...args: string[]): Promise<void> => {
    const said = await demo.say(...args).then((text) => `accepted: ${text}`, (error: Error) => error.message);
    expectPart(said, pattern);
  };

  await check('second: cluster create; at once it is CREATE_IN_PROGRESS', async () => {
    await demo.say('coe', 'cluster', 'create', name, '--cluster-template', managedTemplate, '--fixed-network', 'demo-net', '--fixed-subnet', 'demo-subnet',
      '--node-count', '1', '--labels', 'team=sea', '--merge-labels');
    expectPart(await show(), { status: 'CREATE_IN_PROGRESS', labels: { team: 'sea', moorage_generation: '2' } });
  });
  await check('second: cluster list, in pages of one', async () => {
    expectPart(await demo.say('coe', 'cluster', 'list', '--limit', '1'), new RegExp(name));
    expectPart(await demo.say('coe', 'cluster', 'list', '--sort-key', 'name', '--sort-dir', 'desc'), new RegExp(name));
  });
  await check('second: cluster show until it is there', () => settled(/^CREATE_COMPLETE$/));
  await check('second: cluster show', async () => expectPart(await show(), { api_address: /^https:\/\/.*:6443$/, node_count: 1, master_count: 1, coe_version: 'v1.34.2' }));

  const config = `${home}/${name}/config`;
  await check('second: cluster config; kubectl get nodes with it', async () => {
    await mkdir(`${home}/${name}`, { recursive: true });
    expectPart(await demo.say('coe', 'cluster', 'config', name, '--dir', `${home}/${name}`, '--force'), new RegExp(`KUBECONFIG=${config}`));
    expectPart(await kubectl(config, 'get', 'nodes'), /default-worker-\d+ +Ready/);
  });
  await check('second: ca show, sign', async () => {
    expectPart(await demo.say('coe', 'ca', 'show', name), /BEGIN CERTIFICATE/);
    expectPart(await demo.say('coe', 'ca', 'sign', name, await writeRequest(home, name)), /BEGIN CERTIFICATE/);
  });
  await check('second: ca sign of somebody else\'s name is refused', async () => {
    const file = await writeRequest(home, `${name}-node`, '/O=system:nodes/CN=system:node:x');
    await refused(/refused: its name is/, 'coe', 'ca', 'sign', name, file);
  });
  await check('second: ca rotate; another authority, and the kubeconfig from before is worth nothing', async () => {
    const before = await demo.say('coe', 'ca', 'show', name);
    await demo.say('coe', 'ca', 'rotate', name);
    expectPart(await show(), { status: 'UPDATE_IN_PROGRESS' });
    await refused(/is being changed already/, 'coe', 'ca', 'rotate', name);
    await settled(/^UPDATE_COMPLETE$/);
    const after = await demo.say('coe', 'ca', 'show', name);
    if (after === before) throw new Error('The authority is the same.');
    expectPart(await kubectl(config, 'get', 'nodes').then((text) => `let in: ${text}`, (error: Error) => error.message), /certificate|Unauthorized|logged in/i);
  });
  await check('second: cluster config after it; kubectl get nodes with that', async () => {
    await demo.say('coe', 'cluster', 'config', name, '--dir', `${home}/${name}`, '--force');
    expectPart(await kubectl(config, 'get', 'nodes'), /default-worker-\d+ +Ready/);
  });
  await check('second: cluster upgrade is refused with words', () => refused(/not supported yet/, 'coe', 'cluster', 'upgrade', name, managedTemplate));
  await nodeGroups(clients, config, settled, refused);

  await check('second: cluster resize, with the node that goes', async () => {
    await settled(/_COMPLETE$/);
    await demo.say('coe', 'cluster', 'resize', name, '2');
    expectPart(await show(), { status: 'UPDATE_IN_PROGRESS', node_count: 2 });
    await settled(/^UPDATE_COMPLETE$/);
    const { items } = JSON.parse(await kubectl(config, 'get', 'nodes', '-o', 'json')) as { items: { metadata: { name: string }; spec: { providerID: string } }[] };
    const [first, other] = items.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
    await demo.say('coe', 'cluster', 'resize', name, '1', '--nodes-to-remove', first!.spec.providerID.split('/').at(-1)!);
    await settled(/^UPDATE_COMPLETE$/);
    const left = await kubectl(config, 'get', 'nodes', '-o', 'name');
    expectPart(left.trim(), `node/${other!.metadata.name}`);
  });
  await check('second: cluster update', async () => {
    await settled(/_COMPLETE$/);
    await demo.say('coe', 'cluster', 'update', name, 'replace', 'node_count=2');
    await settled(/^UPDATE_COMPLETE$/);
    expectPart(await show(), { node_count: 2 });
  });
  await check('second: stats list counts it', async () => expectPart(await demo.say('coe', 'stats', 'list', clients.projectId), /clusters +\| +[1-9]/));
  await check('second: cluster delete, until it is gone', async () => {
    await demo.say('coe', 'cluster', 'delete', name);
    await until(`${name} to be gone`, 10 * minutes, async () => {
      const listed = await demo.say('coe', 'cluster', 'list');
      return { seen: listed, ...(!listed.includes(name) && { done: true }) };
    });
  });
}

type Settled = (wanted: RegExp) => Promise<string>;
type Refused = (pattern: RegExp, ...args: string[]) => Promise<void>;

async function nodeGroups({ checks: { check }, demo, url, token }: Clients, config: string, settled: Settled, refused: Refused): Promise<void> {
  const group = (which: string): Promise<Record<string, unknown>> => demo.json('coe', 'nodegroup', 'show', name, which);
  await check('second: nodegroup list, show', async () => {
    expectPart(await demo.say('coe', 'nodegroup', 'list', name), /default-master[\s\S]*default-worker/);
    expectPart(await group('default-worker'), { is_default: true, role: 'worker', node_count: 1 });
    expectPart(await group('default-master'), { is_default: true, role: 'master' });
  });
  await check('second: nodegroup create, with limits', async () => {
    await demo.say('coe', 'nodegroup', 'create', name, 'extra', '--node-count', '1', '--min-nodes', '1', '--max-nodes', '2');
    expectPart(await group('extra'), { status: 'CREATE_IN_PROGRESS', min_node_count: 1, max_node_count: 2 });
    await settled(/^UPDATE_COMPLETE$/);
    expectPart(await group('extra'), { status: 'CREATE_COMPLETE' });
  });
  await check('second: nodegroup resize within its limits, and not beyond', async () => {
    await settled(/_COMPLETE$/);
    await refused(/outside the allowed range/, 'coe', 'cluster', 'resize', name, '3', '--nodegroup', 'extra');
    await demo.say('coe', 'cluster', 'resize', name, '2', '--nodegroup', 'extra');
    await settled(/^UPDATE_COMPLETE$/);
    expectPart(await group('extra'), { status: 'UPDATE_COMPLETE', node_count: 2 });
  });
  await check('second: nodegroup update', async () => {
    await settled(/_COMPLETE$/);
    await demo.say('coe', 'nodegroup', 'update', name, 'extra', 'replace', 'max_node_count=4');
    await settled(/^UPDATE_COMPLETE$/);
    expectPart(await group('extra'), { max_node_count: 4 });
  });
  await check('second: labels and taints (1.14, newer than the client) reach the nodes', async () => {
    await settled(/_COMPLETE$/);
    const response = await fetch(`${url}/v1/clusters/${name}/nodegroups/extra`, {
      method: 'PATCH', headers: { 'x-auth-token': await token(), 'content-type': 'application/json', 'openstack-api-version': 'container-infra 1.14' },
      body: JSON.stringify([{ op: 'add', path: '/node_labels/tier', value: 'sea' }, { op: 'replace', path: '/node_taints', value: "[{'key': 'salt', 'value': 'much', 'effect': 'NoSchedule'}]" }]),
    });
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    await settled(/^UPDATE_COMPLETE$/);
    expectPart((await kubectl(config, 'get', 'nodes', '-l', 'tier=sea', '-o', 'name')).trim().split('\n').length, 2);
    expectPart(await kubectl(config, 'get', 'nodes', '-l', 'tier=sea', '-o', 'jsonpath={.items[*].spec.taints[*].key}'), /salt/);
  });
  await check('second: nodegroup delete; not of a default one', async () => {
    await refused(/default nodegroup is not supported/, 'coe', 'nodegroup', 'delete', name, 'default-worker');
    await demo.say('coe', 'nodegroup', 'delete', name, 'extra');
    await settled(/^UPDATE_COMPLETE$/);
    await refused(/could not be found/, 'coe', 'nodegroup', 'show', name, 'extra');
  });
}
