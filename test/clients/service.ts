/** What is about no cluster: templates, quotas, statistics, services. */
import type { Checks } from '../checks.ts';
import { expectPart } from '../checks.ts';
import type { OpenStack } from './command.ts';

export interface Clients {
  checks: Checks;
  /** A directory of the clients' own. */
  home: string;
  /** Of Moorage. */
  url: string;
  token(): Promise<string>;
  projectId: string;
  demo: OpenStack;
  admin: OpenStack;
}

export const ownTemplate = 'clients-own';
export const managedTemplate = 'kubernetes-v1.34.2-zonal-1';

export async function wholeService({ checks: { check }, demo, admin, projectId }: Clients): Promise<void> {
  await demo.say('coe', 'cluster', 'template', 'delete', ownTemplate).catch(() => undefined);
  await check('template create, of the first generation', () => demo.say('coe', 'cluster', 'template', 'create', ownTemplate, '--coe', 'kubernetes',
    '--image', 'fedora-coreos-38', '--external-network', 'public', '--flavor', 'm1.small', '--master-flavor', 'm1.small', '--docker-volume-size', '5',
    '--fixed-network', 'demo-net', '--fixed-subnet', 'demo-subnet', '--labels', 'boot_volume_size=0'));
  await check('template list has both generations', async () => {
    const names = (await demo.json<{ name: string }[]>('coe', 'cluster', 'template', 'list')).map(({ name }) => name);
    for (const name of [ownTemplate, managedTemplate]) if (!names.includes(name)) throw new Error(`${name} is not among ${names.join(', ')}`);
  });
  await check('template show, of the second generation', async () => expectPart(await demo.json('coe', 'cluster', 'template', 'show', managedTemplate),
    { name: managedTemplate, coe: 'kubernetes', public: true, labels: { moorage_generation: '2' } }));
  await check('template update, of the first generation', async () => {
    await demo.say('coe', 'cluster', 'template', 'update', ownTemplate, 'replace', 'docker_volume_size=6');
    expectPart(await demo.json('coe', 'cluster', 'template', 'show', ownTemplate), { docker_volume_size: 6 });
  });
  await check('template delete is refused with words, of the second generation', async () => {
    const said = await demo.say('coe', 'cluster', 'template', 'delete', managedTemplate).catch((error: Error) => error.message);
    expectPart(said, /operator's/);
  });
  const quota = ['--project-id', projectId, '--resource', 'Cluster'];
  await check('quotas create, show, list, update, delete', async () => {
    await admin.say('coe', 'quotas', 'delete', ...quota).catch(() => undefined);
    await admin.say('coe', 'quotas', 'create', ...quota, '--hard-limit', '30');
    expectPart(await demo.say('coe', 'quotas', 'show', ...quota), /30/);
    expectPart(await admin.say('coe', 'quotas', 'list', '--all-tenants'), new RegExp(projectId));
    expectPart(await admin.say('coe', 'quotas', 'update', ...quota, '--hard-limit', '40'), /40/);
    await admin.say('coe', 'quotas', 'delete', ...quota);
    // Whatever else is in the project shall not stand in the way.
    await admin.say('coe', 'quotas', 'create', ...quota, '--hard-limit', '100000');
  });
  await check('service list', async () => expectPart(await admin.say('coe', 'service', 'list'), /magnum-conductor[\s\S]*/));
  await check('stats list', async () => expectPart(await demo.say('coe', 'stats', 'list', projectId), /clusters/));
}
