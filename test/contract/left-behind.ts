/** What the contract's tests have left on a cloud: nothing, if all is well. Asked of every service as administrator. */
import { readCloud, scopeOf, type CloudName } from '../../local/clouds.ts';
import { inventory } from '../../local/demo/inventory.ts';
import * as keystone from '../../layers/openstack/keystone.ts';
import { openSession } from '../../layers/openstack/session.ts';
import { credentialOf, prefix } from './names.ts';

/** One line for each thing that carries the tests' name, or lies in a project or belongs to nothing that still exists. */
export async function listLeftBehind(name: CloudName): Promise<string[]> {
  const { authUrl, regionName: region, admin } = readCloud(name);
  const session = openSession({ authUrl, region, credential: credentialOf(admin!), scope: scopeOf(admin!) });
  const ours = (await keystone.listProjects(session)).filter((project) => project.name.startsWith(prefix));
  const things = await inventory(session, ours.map(({ id }) => id), prefix);
  return things.map(({ service, kind, id, name: called, projectId }) => `${service} ${kind} ${called} (${id}) of project ${projectId}`);
}
