/**
 * `npm run simulate`: worlds in which everything goes wrong, each decided by its seed. `--seeds N` how many (200), from
 * `--from N` (1); `--seed N` one of them, with everything that happened in it. Ends with the one line that says how it went.
 */
import { parseArgs } from 'node:util';
import { inAllWorlds } from './many.ts';
import { prepare } from './prepared.ts';
import { simulate } from './simulate.ts';

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' }, seed: { type: 'string' } } });
const prepared = await prepare();
let seeds = 0;
let broken = 0;

if (values.seed !== undefined) {
  const verdict = await simulate(prepared, Number(values.seed));
  for (const line of verdict.history) console.log(line);
  count(verdict);
} else {
  const [first, number] = [Number(values.from), Number(values.seeds)];
  const tasks = Array.from({ length: number }, (_, index) => ({ kind: 'seed' as const, seed: first + index }));
  await inAllWorlds(prepared, tasks, ({ verdict }) => count(verdict));
}
console.log(`simulate: ${seeds} seeds, ${broken} broken`);
process.exit(broken > 0 ? 1 : 0);

function count(verdict: { seed: number; broken: string[] }): void {
  seeds++;
  if (verdict.broken.length === 0) return;
  broken++;
  console.log(`seed ${verdict.seed} is broken; npm run simulate -- --seed ${verdict.seed}`);
  for (const what of verdict.broken) console.log(`  ${what}`);
}
