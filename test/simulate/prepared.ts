/** What worlds are begun from: the code, compiled once, and what clusters consist of where nothing goes wrong. */
import { bundleWorld, type Edit } from './bundle.ts';
import { compile, type Program } from './realm.ts';
import { countReference, type Reference } from './reference.ts';

export interface Prepared { program: Program; reference: Reference }
/** The same, as it is handed to other threads. */
export interface Portable { text: string; reference: Reference }

/** The code as it is. */
export async function prepare(): Promise<Portable & Prepared> {
  const text = await bundleWorld();
  const program = compile(text);
  return { text, program, reference: await countReference(program) };
}

/** The code with something taken away from it; what clusters consist of is still what the whole code makes of them. */
export const prepareWithout = async (edits: readonly Edit[], { reference }: Portable): Promise<Portable> =>
  ({ text: await bundleWorld(edits), reference });

/** In another thread. */
export const arrived = ({ text, reference }: Portable): Prepared => ({ program: compile(text), reference });
