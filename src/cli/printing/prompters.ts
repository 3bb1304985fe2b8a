import type { FlagContext } from '../flags/sharedValues.ts';
import type { Io } from '../terminal/io.ts';
import type { Prompter } from '../terminal/prompts/prompter.ts';
import { colorLevel } from './color.ts';

const prompters = new WeakMap<Io, Prompter>();

/** The one prompter of a process: keys that are typed ahead wait in it. Loads inquirer. */
export async function prompterOf(context: FlagContext): Promise<Prompter> {
  const { io } = context;
  const known = prompters.get(io);
  if (known !== undefined) return known;
  if (colorLevel(context, io.stderrIsTerminal) === 0) process.env['NO_COLOR'] = '1';
  const { Prompter } = await import('../terminal/prompts/prompter.ts');
  const prompter = new Prompter(io);
  prompters.set(io, prompter);
  return prompter;
}
