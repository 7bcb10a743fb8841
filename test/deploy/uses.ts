/** What a function does to the tables and queues, read from what is reached of the store when it is bundled. */
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { build, type PluginBuild } from 'esbuild';

export const root = resolve(import.meta.dirname, '../..');

/** Each name of the store, and the grants that using it takes. What needs none is not here and must be in `free`. */
const takes: Record<string, string[]> = {
  getCluster: ['readClusters'], requireCluster: ['readClusters'], listClusters: ['readClusters'], countClusters: ['readClusters'], getClusterByUuid: ['readClusters'], listClustersByName: ['readClusters'],
  changeCluster: ['readClusters', 'writeClusters'],
  getNodeGroup: ['readNodeGroups'], requireNodeGroup: ['readNodeGroups'], listNodeGroups: ['readNodeGroups'], listNodeGroupsOf: ['readNodeGroups'],
  changeNodeGroup: ['readNodeGroups', 'writeNodeGroups'],
  getOperation: ['readOperations'], listOperations: ['readOperations'], pageOperations: ['readOperations'], listRecords: ['readSteps'],
  startCluster: ['writeClusters', 'writeNodeGroups', 'writeOperations'],
  startOperation: ['writeClusters', 'writeNodeGroups', 'writeOperations'],
  takingSlots: ['writeClusters'],
  startChild: ['readOperations', 'writeOperations', 'writeNodeGroups'],
  turn: ['readOperations', 'writeOperations'],
  retry: ['readOperations', 'writeOperations', 'readClusters', 'writeClusters', 'readSteps', 'writeSteps'],
  end: ['readSteps', 'writeSteps', 'readOperations', 'writeOperations', 'readClusters', 'writeClusters', 'readNodeGroups', 'writeNodeGroups'],
  getPower: ['readPowers'], listPowers: ['readPowers'], startPower: ['writePowers', 'writeOperations'], settlePower: ['writePowers'],
  removePower: ['writePowers'],
  countRequest: ['countRequests'],
  listDueClusters: ['findWatched'], watchedAgain: ['writeClusters'],
  putEvent: ['writeEvents'], listEvents: ['readEvents'],
  getSecret: ['readSecrets', 'useKey'], requireSecret: ['readSecrets', 'useKey'],
  ensureSecret: ['readSecrets', 'writeSecrets', 'useKey'], changeSecret: ['readSecrets', 'writeSecrets', 'useKey'], replaceSecret: ['writeSecrets', 'useKey'], removeSecret: ['writeSecrets'],
  getToken: ['readTokens', 'useKey'], putToken: ['writeTokens', 'useKey', 'readPassword'],
  bookService: ['bookServices'], readService: ['bookServices'], slowService: ['bookServices'], leaveServiceAlone: ['bookServices'],
  durations: ['readDurations', 'writeDurations'],
  queue: ['hintAdvance'],
};
const free = new Set(['newId', 'idFrom', 'shards', 'due', 'engineStore', 'clusterRow', 'projectNameOf', 'watchEveryMs']);

/** Where the engine's own work starts: every step does it, and needs.yml says so under `every`. */
const engine = /^layers\/lifecycle\/(ports|step-function)\.ts$/;
const store = /^layers\/(store\/.*|platform\/queue)\.ts$/;

/** The grants that a source file needs, or one thing it exports. Throws on a name of the store that is not known here. */
export async function usesOf(file: string, exported = '*'): Promise<Set<string>> {
  const names = await namesUsedBy(`export ${exported === '*' ? '*' : `{ ${exported} }`} from './${file}'`);
  return new Set(names.filter((name) => !free.has(name)).flatMap((name) => {
    if (!takes[name]) throw new Error(`${file} uses ${name} of the store: say in test/deploy/uses.ts what that takes`);
    return takes[name];
  }));
}

/** What is left of the store's names when all that is not reached is shaken off. */
async function namesUsedBy(contents: string): Promise<string[]> {
  const { outputFiles } = await build({
    absWorkingDir: root, stdin: { contents, resolveDir: root }, bundle: true, treeShaking: true, write: false, format: 'esm', platform: 'node',
    packages: 'external', logLevel: 'silent', plugins: [{ name: 'store', setup: leaveOutStore }, { name: 'endpoints', setup: shakeEndpoints }],
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

/** Several functions share a file: those that are not exported here go, with what only they reach. */
function shakeEndpoints(builder: PluginBuild): void {
  builder.onLoad({ filter: /functions\/http\/.*\.ts$/ }, ({ path }) => {
    const contents = readFileSync(path, 'utf8').replace(/(?<=[=:,]\s+)(endpoint|bodyEndpoint|byVerb|open|refuse|magnumApi)\(/g, '/* @__PURE__ */ $1(');
    return { contents, loader: 'ts' };
  });
}
