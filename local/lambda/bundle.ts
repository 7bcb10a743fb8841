/** Bundles all functions in one go, with what they share in common files: one process runs them all. */
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

export interface Entry { name: string; handler: string }

/** Writes `<folder>/<name>.mjs` for each, built as for deployment but not minified. `wrap` is code around a handler. */
export async function bundleFunctions(root: string, folder: string, entries: Entry[], options: BuildOptions): Promise<void> {
  const fileOf = ({ handler }: Entry) => join(root, handler.replace(/\.[^.]+$/, '.ts'));
  const exportOf = ({ handler }: Entry) => handler.replace(/^.*\./, '');
  const identity = join(root, 'local/lambda/identity.ts');
  await build({
    ...options,
    minify: false, bundle: true, splitting: true, platform: 'node', logLevel: 'error',
    outdir: folder, outExtension: { '.js': '.mjs' }, absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map((entry) => [entry.name, `function:${entry.name}`])),
    plugins: [{
      name: 'functions',
      setup(builder) {
        builder.onResolve({ filter: /^function:/ }, ({ path }) => ({ path, namespace: 'function' }));
        builder.onLoad({ filter: /.*/, namespace: 'function' }, ({ path }) => {
          const entry = entries.find(({ name }) => `function:${name}` === path)!;
          const contents = `import { ${exportOf(entry)} as run } from ${JSON.stringify(fileOf(entry))};
            import { actAs } from ${JSON.stringify(identity)};
            export const handler = actAs(${JSON.stringify(entry.name)}, run);`;
          return { contents, resolveDir: root };
        });
      },
    }],
  });
}
