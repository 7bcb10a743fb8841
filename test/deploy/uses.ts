/** What a function does to the tables and queues, read from what is reached of the store when it is bundled. */
import { relative, resolve } from 'node:path';
import { build, type PluginBuild } from 'esbuild';

export const root = resolve(import.meta.dirname, '../..');

/** Each name of the store, and the grants that using it takes. What needs none is not here and must be in `free`. */
const takes: Record<string, string[]> = {
  getCluster: ['readClusters'], requireCluster: ['readClusters'], listClusters: ['readClusters'],
  changeCluster: ['readClusters', 'writeClusters'],
  getNodeGroup: ['readNodeGroups'], requireNodeGroup: ['readNodeGroups'], listNodeGroups: ['readNodeGroups'],
  changeNodeGroup: ['readNodeGroups', 'writeNodeGroups'],
  getOperation: ['readOperations'], listOperations: ['readOperations'], listRecords: ['readSteps'],
  startCluster: ['writeClusters', 'writeNodeGroups', 'writeOperations'],
  startOperation: ['writeClusters', 'writeNodeGroups', 'writeOperations'],
  startChild: ['readOperations', 'writeOperations', 'writeNodeGroups'],
  turn: ['readOperations', 'writeOperations'],
  retry: ['readOperations', 'writeOperations', 'readClusters', 'writeClusters', 'readSteps', 'writeSteps'],
  putEvent: ['writeEvents'], listEvents: ['readEvents'],
  getSecret: ['readSecrets', 'useKey'], requireSecret: ['readSecrets', 'useKey'],
  ensureSecret: ['readSecrets', 'writeSecrets', 'useKey'], replaceSecret: ['writeSecrets', 'useKey'], removeSecret: ['writeSecrets'],
  getToken: ['readTokens', 'useKey'], putToken: ['writeTokens', 'useKey'],
  durations: ['readDurations', 'writeDurations'],
  queue: ['hintAdvance'],
};
const free = new Set(['newId', 'idFrom', 'shards', 'due', 'engineStore', 'clusterRow']);

/** Where the engine's own work starts: every step does it, and needs.yml says so under `every`. */
const engine = /^layers\/lifecycle\/(ports|step-function)\.ts$/;
const store = /^layers\/(store\/.*|platform\/queue)\.ts$/;

/** The grants a source file needs. Throws on a name of the store that is not known here. */
export async function usesOf(file: string): Promise<Set<string>> {
  const names = await namesUsedBy(file);
  return new Set(names.filter((name) => !free.has(name)).flatMap((name) => {
    if (!takes[name]) throw new Error(`${file} uses ${name} of the store: say in test/deploy/uses.ts what that takes`);
    return takes[name];
  }));
}

/** What is left of the store's names when all that is not reached is shaken off. */
async function namesUsedBy(file: string): Promise<string[]> {
  const { outputFiles } = await build({
    absWorkingDir: root, entryPoints: [file], bundle: true, treeShaking: true, write: false, format: 'esm', platform: 'node',
    packages: 'external', logLevel: 'silent', plugins: [{ name: 'store', setup: leaveOutStore }],
  });
  return [...outputFiles[0]!.text.matchAll(/^import \{([^}]*)\} from "store:/gms)]
    .flatMap(([, names]) => names!.split(',').map((name) => name.trim().split(' ')[0]!)).filter(Boolean);
}

function leaveOutStore(builder: PluginBuild): void {
  builder.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
    const from = relative(root, resolve(resolveDir, path));
    if (store.test(from)) return { path: `store:${from}`, external: true, sideEffects: false };
    if (engine.test(from)) return { path: `engine:${from}`, external: true, sideEffects: false };
    return undefined;
  });
}
