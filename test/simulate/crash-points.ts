/**
 * `npm run test:crash-points`: for create, resize, delete, retry and the rotation of an authority one run for each effect (call of the cloud, write to a
 * table, message) in which the function dies right before it, and one in which it dies right after. All must end the
 * same. `--one-in N` tries every Nth of them; `--death N:before` one, with what is wrong with it.
 */
import { parseArgs } from 'node:util';
import { inAllWorlds } from './many.ts';
import { prepare } from './prepared.ts';
import { storyNames, tellStory, type Death, type StoryName } from './stories.ts';
import type { StoryTask } from './worker.ts';

const { values } = parseArgs({ options: { 'one-in': { type: 'string', default: '1' }, story: { type: 'string' }, death: { type: 'string' } } });
const prepared = await prepare();
let tried = 0;
let failed = 0;

for (const story of storyNames.filter((name) => values.story === undefined || name === values.story)) {
  const { outcome, broken, from, to } = await tellStory(prepared, story);
  if (broken.length > 0) throw new Error(`The story "${story}" fails by itself: ${broken.join('; ')}`);
  const deaths = values.death === undefined ? deathsBetween(from, to) : [deathOf(values.death)];
  console.log(`${story}: ${to - from + 1} effects, ${deaths.length} deaths to try`);
  await inAllWorlds(prepared, deaths.map((death): StoryTask => ({ kind: 'story', story, death })), ({ death, told }) => {
    tried++;
    const wrong = [...told.broken, ...(told.outcome === outcome ? [] : [`it ends as ${told.outcome}, not as ${outcome}`]), ...(told.deaths === 1 ? [] : ['nothing died'])];
    if (wrong.length > 0) report(story, death!, wrong);
  });
}
console.log(`crash points: ${tried} tried, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function deathsBetween(from: number, to: number): Death[] {
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index)
    .flatMap((number): Death[] => [{ number, moment: 'before' }, { number, moment: 'after' }]);
  return all.filter((_death, index) => index % Number(values['one-in']) === 0);
}

function deathOf(given: string): Death {
  const [number, moment] = given.split(':');
  return { number: Number(number), moment: moment === 'before' ? 'before' : 'after' };
}

function report(story: StoryName, { number, moment }: Death, wrong: readonly string[]): void {
  failed++;
  console.log(`a death ${moment} effect ${number} of "${story}": npm run test:crash-points -- --story '${story}' --death ${number}:${moment}`);
  for (const what of wrong.slice(0, 3)) console.log(`  ${what}`);
}
