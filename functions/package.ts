/**
 * Serverless plug-in: bundles the functions and puts each into an archive of its own. The same code gives the same
 * archive, so a deployment changes only the functions that changed. With BUNDLE=shared the archives are made faster than
 * they would start, for tests of the template.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { bundle } from './bundle.ts';
import { shareLogGroups, type FunctionResources } from './log-groups.ts';

interface Definition { handler: string; iamRoleStatements?: unknown[]; package?: { artifact: string } }
interface Serverless {
  serviceDir: string;
  service: {
    getAllFunctions(): string[];
    getFunction(name: string): Definition;
    provider: { compiledCloudFormationTemplate: { Resources: FunctionResources } };
  };
  providers: { aws: { naming: { getRoleLogicalId(): string; getNormalizedFunctionName(name: string): string } } };
}

const folder = '.esbuild';
const always = new Date('1980-01-01T00:00:00');

export default class PackageFunctions {
  readonly hooks: Record<string, () => Promise<void>>;

  constructor(serverless: Serverless) {
    const pack = () => packFunctions(serverless);
    this.hooks = {
      'before:package:createDeploymentArtifacts': pack,
      'before:deploy:function:packageFunction': pack,
      'before:package:finalize': async () => {
        removeSharedRole(serverless);
        shareLogs(serverless);
      },
    };
  }
}

async function packFunctions({ service, serviceDir }: Serverless): Promise<void> {
  const entries = service.getAllFunctions().map((name) => ({ name, handler: service.getFunction(name).handler }));
  mkdirSync(join(serviceDir, folder), { recursive: true });
  const shared = process.env.BUNDLE === 'shared';
  for (const [name, files] of await bundle(serviceDir, entries, { shared })) {
    const artifact = join(folder, `${name}.zip`);
    const archive = zipSync(Object.fromEntries(files.map(({ path, contents }) => [path, contents])), { mtime: always, level: shared ? 0 : 6 });
    writeFileSync(join(serviceDir, artifact), archive);
    service.getFunction(name).package = { artifact };
  }
}

/**
 * A function without grants of its own would run under a role shared by all. None does: packaging fails when one is
 * added that way, and the shared role is not deployed.
 */
function removeSharedRole({ service, providers }: Serverless): void {
  const without = service.getAllFunctions().filter((name) => !service.getFunction(name).iamRoleStatements);
  if (without.length > 0) throw new Error(`Write iamRoleStatements, if only [], for: ${without.join(', ')}`);
  delete service.provider.compiledCloudFormationTemplate.Resources[providers.aws.naming.getRoleLogicalId()];
}

/** The folder of a function's code is its kind. */
function shareLogs({ service, providers }: Serverless): void {
  const kinds = service.getAllFunctions().map((name) => {
    const [, kind = ''] = service.getFunction(name).handler.split('/');
    return { id: providers.aws.naming.getNormalizedFunctionName(name), kind };
  });
  shareLogGroups(service.provider.compiledCloudFormationTemplate.Resources, kinds);
}
