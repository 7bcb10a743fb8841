/** Writes docs/flows.md: pictures of the flows, drawn from the code. `--check` only says whether the page is fresh. */
import { readFileSync, writeFileSync } from 'node:fs';
import { flows } from '../../flows/flows.ts';
import type { Flow } from '../../layers/engine/flow.ts';

const page = new URL('../../docs/flows.md', import.meta.url);

/** The page as it should be. */
export function drawFlows(): string {
  const introduction = [
    '# The flows', '',
    'Drawn from `flows/` by `npm run docs:flows`; `npm test` checks that the page is fresh. A step runs as soon as those',
    'whose arrows end at it are done. Dashed: outputs of the cluster\'s creation, which a node group\'s flow awaits one by one.',
    'Rounded: a step that removes what another made.', '',
  ];
  return `${[...introduction, ...flows.flatMap((flow) => [`## ${flow.title}`, '', '```mermaid', ...draw(flow), '```', ''])].join('\n')}`;
}

function draw(flow: Flow): string[] {
  const keyOf = (key: string) => key.replace(':', '_');
  const needs = reduced(flow);
  const known = new Set(flow.nodes.map(({ key }) => key));
  return [
    'flowchart LR',
    ...flow.given.map((name) => `  ${name}_given[/"${name}"/]`),
    ...flow.nodes.map(({ key, title, phase }) => (phase === 'undo' ? `  ${keyOf(key)}(["remove: ${title}"])` : `  ${keyOf(key)}["${title}"]`)),
    ...flow.nodes.flatMap(({ key }) => [...needs.get(key)!].map((need) => (known.has(need) ? `  ${keyOf(need)} --> ${keyOf(key)}` : `  ${need}_given -.-> ${keyOf(key)}`))),
  ];
}

/** Only the arrows that say something: a need that another need has already needs no arrow of its own. */
function reduced(flow: Flow): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  const direct = new Map<string, Set<string>>();
  for (const { key, needs } of flow.nodes) {
    const implied = new Set(needs.flatMap((need) => [...all.get(need) ?? []]));
    direct.set(key, new Set(needs.filter((need) => !implied.has(need))));
    all.set(key, new Set([...needs, ...implied]));
  }
  return direct;
}

if (import.meta.main) {
  const fresh = drawFlows();
  if (!process.argv.includes('--check')) writeFileSync(page, fresh);
  else if (readFileSync(page, 'utf8') !== fresh) {
    console.error('docs/flows.md is not what the flows say: npm run docs:flows');
    process.exitCode = 1;
  }
}
