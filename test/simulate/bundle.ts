/** One text of everything that runs in a simulated world, with its seams to tables, queues and wires replaced. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
const seam = (name: string): string => join(root, 'test/simulate/seams', `${name}.ts`);

/** What is replaced by what. Everything else is the code as it is deployed. */
const seams: Record<string, string> = {
  'layers/store/table.ts': 'table', 'layers/platform/queue.ts': 'queue', 'layers/openstack/exchange.ts': 'exchange',
  'layers/kubernetes/client.ts': 'kube-client', 'layers/pki/authority.ts': 'authority',
  'layers/platform/logger.ts': 'platform', 'layers/platform/metrics.ts': 'platform',
};

/** A change to one file's text: what is protected is left unprotected. */
export interface Edit { file: string; from: string; to: string }

/** The text, and with `edits` as it would be without what they take away. Throws when an edit does not fit exactly once. */
export async function bundleWorld(edits: readonly Edit[] = []): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'test/simulate/inside.ts')], bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node24',
    logLevel: 'error', absWorkingDir: root, mainFields: ['module', 'main'],
    plugins: [replaced, stepsOfThisService, edited(edits)],
  });
  return outputFiles[0]!.text;
}

const replaced: Plugin = {
  name: 'seams',
  setup(builder) {
    builder.onResolve({ filter: /^dynamoose/ }, () => ({ path: seam('condition') }));
    builder.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const file = resolve(resolveDir, path);
      const name = seams[file.slice(root.length + 1)];
      return name && !resolveDir.includes('/test/simulate/') ? { path: seam(name) } : undefined;
    });
  },
};

const stepsOfThisService: Plugin = {
  name: 'steps',
  setup(builder) {
    builder.onResolve({ filter: /^steps-of-this-service$/ }, ({ path }) => ({ path, namespace: 'steps' }));
    builder.onLoad({ filter: /.*/, namespace: 'steps' }, () => {
      const files = readdirSync(join(root, 'functions/steps')).filter((file) => file.endsWith('.ts'));
      const nameOf = (file: string): string => file.replace(/\.ts$/, '').replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
      const imports = files.map((file) => `import { handler as ${nameOf(file)} } from './functions/steps/${file}';`);
      return { contents: `${imports.join('\n')}\nexport const steps = { ${files.map(nameOf).join(', ')} };`, loader: 'ts', resolveDir: root };
    });
  },
};

function edited(edits: readonly Edit[]): Plugin {
  return {
    name: 'edits',
    setup(builder) {
      for (const file of new Set(edits.map((edit) => edit.file))) {
        const filter = new RegExp(`${join(root, file).replace(/[.]/g, '\\.')}$`);
        builder.onLoad({ filter }, ({ path }) => ({ contents: editText(readFileSync(path, 'utf8'), edits.filter((edit) => edit.file === file)), loader: 'ts' }));
      }
    },
  };
}

/** The text with `edits` made, which are all of one file. Throws when one does not fit exactly once. */
export function editText(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { file, from, to } of edits) {
    if (result.split(from).length !== 2) throw new Error(`${file} has not exactly one: ${from}`);
    result = result.replace(from, () => to);
  }
  return result;
}
