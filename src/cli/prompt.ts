import { Failure } from '../errors.ts';
import type { Flag } from './flags.ts';
import type { Io } from './io.ts';
import { readValue } from './values.ts';

/** What is wrong with a flag's value among these values, or undefined. */
export type Judge = (flag: Flag, values: ReadonlyMap<Flag, unknown>) => string | undefined;

/** Asks for the values of these flags, in order; what cannot be read is asked again. Ctrl-C throws an interrupted `Failure`. */
export async function askForMissing(
  flags: readonly Flag[],
  values: Map<Flag, unknown>,
  judge: Judge,
  isPlain: boolean,
  io: Io,
): Promise<void> {
  if (isPlain) process.env['NO_COLOR'] = '1';
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ input: process.stdin, output: process.stderr, signal: io.signal });
  for (const flag of flags) {
    try {
      const answers = await prompt<{ value: unknown }>([question(flag, values, judge, io)] as unknown as Parameters<
        typeof prompt<{ value: unknown }>
      >[0]);
      values.set(flag, await answerOf(flag, answers.value, io));
    } catch (error) {
      if (error instanceof Error && /^(Exit|Abort)PromptError$/.test(error.name)) {
        throw new Failure('interrupted', 'stopped at a prompt; nothing was sent', {
          hint: 'Give the values as flags to skip the prompts.',
          cause: error,
        });
      }
      throw error;
    }
  }
}

/** One question in inquirer's words: choices for enums, confirm for booleans, hidden input for secrets, JSON checked. */
function question(
  flag: Flag,
  values: ReadonlyMap<Flag, unknown>,
  judge: Judge,
  io: Io,
): Readonly<Record<string, unknown>> {
  const message = `${(flag.schema.description ?? flag.name).replace(/\.$/, '')} (--${flag.name})`;
  const base = { name: 'value', message };
  if (flag.schema.enum !== undefined && !flag.repeatable) {
    return { ...base, type: 'select', choices: flag.schema.enum.map((value) => ({ name: String(value), value })) };
  }
  if (flag.kind === 'boolean') return { ...base, type: 'confirm', default: flag.schema.default === true };
  if (flag.secret)
    return { ...base, type: 'password', mask: false, validate: (text: string) => text !== '' || 'must not be empty' };
  return { ...base, type: 'input', validate: (text: string) => complaint(flag, text, values, judge, io) };
}

/** True, or what is wrong with the text typed so far. */
async function complaint(
  flag: Flag,
  text: string,
  values: ReadonlyMap<Flag, unknown>,
  judge: Judge,
  io: Io,
): Promise<true | string> {
  if (text === '') return 'must not be empty';
  if (text === '-' && flag.kind === 'json') return 'must be JSON or @file';
  try {
    const answer = await answerOf(flag, text, io);
    return judge(flag, new Map([...values, [flag, answer]])) ?? true;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

async function answerOf(flag: Flag, answer: unknown, io: Io): Promise<unknown> {
  if (flag.repeatable && typeof answer === 'string') {
    const items = answer
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    return Promise.all(items.map((item) => readValue(flag, item, io)));
  }
  return readValue(flag, answer, io);
}
