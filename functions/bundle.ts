/** How a function becomes one file: with all it needs, minified, and a source map beside it. */
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';

export interface Entry { name: string; handler: string }
export interface Bundled { path: string; contents: Uint8Array }

/** What holds however functions are put together. */
export const buildOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Libraries' own modules rather than their CommonJS: a quarter less to load.
  mainFields: ['module', 'main'],
  outExtension: { '.js': '.mjs' },
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'error',
  // Some dependencies are CommonJS and call require().
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
} satisfies BuildOptions;

export const sourceOf = ({ handler }: Entry): string => handler.replace(/\.[^.]+$/, '.ts');

/** The files of every function, by its name. All are built in one go, since they share most of what there is to parse. */
export async function bundle(root: string, entries: Entry[]): Promise<Map<string, Bundled[]>> {
  const { outputFiles } = await build({
    ...buildOptions,
    minify: true, write: false, absWorkingDir: root, outdir: root, outbase: root,
    entryPoints: entries.map((entry) => join(root, sourceOf(entry))),
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  return new Map(entries.map((entry) => {
    const path = sourceOf(entry).replace(/\.ts$/, '.mjs');
    return [entry.name, [path, `${path}.map`].map((file) => ({ path: file, contents: files.get(join(root, file))! }))];
  }));
}
