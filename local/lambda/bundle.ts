/** Bundles all functions in one go, with what they share in common files: one process runs them all. */
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildOptions, sourceOf, type Entry } from '../../functions/bundle.ts';

/** Writes `<folder>/<name>.mjs` for each function; its handler acts under the function's name. */
export async function bundleFunctions(root: string, folder: string, entries: Entry[]): Promise<void> {
  const identity = join(root, 'local/lambda/identity.ts');
  const wrapped = new Map(entries.map((entry) => [`function:${entry.name}`, `
    import { ${entry.handler.replace(/^.*\./, '')} as run } from ${JSON.stringify(join(root, sourceOf(entry)))};
    import { actAs } from ${JSON.stringify(identity)};
    export const handler = actAs(${JSON.stringify(entry.name)}, run);`]));
  await build({
    ...buildOptions,
    splitting: true, absWorkingDir: root, outdir: folder,
    entryPoints: Object.fromEntries(entries.map(({ name }) => [name, `function:${name}`])),
    plugins: [...buildOptions.plugins, {
      name: 'functions',
      setup(builder) {
        builder.onResolve({ filter: /^function:/ }, ({ path }) => ({ path, namespace: 'function' }));
        builder.onLoad({ filter: /.*/, namespace: 'function' }, ({ path }) => ({ contents: wrapped.get(path)!, resolveDir: root }));
      },
    }],
  });
}
