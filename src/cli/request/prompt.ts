import { Failure } from '../../errors.ts';
import type { Flag } from '../flags/flags.ts';
import type { Io } from '../terminal/io.ts';
import type { PromptChoice, Prompter } from '../terminal/prompts/prompter.ts';
import type { Suggestions } from '../terminal/prompts/suggestion.ts';
import { readValue, secretIn } from '../flags/values.ts';
import { largest } from '../../protocol/notation/extent.ts';

/** Returns what is wrong with a flag's value among these values, or undefined. */
export type Judge = (flag: Flag, values: ReadonlyMap<Flag, unknown>) => string | undefined;

/** Support for a person who answers; all of it is optional. */
export interface Help {
  /** Values that the server has for this flag. */
  readonly suggest?: (flag: Flag, values: ReadonlyMap<Flag, unknown>) => Promise<Suggestions> | undefined;
  /** Returns the value that an empty answer means. */
  readonly defaultOf?: (flag: Flag) => unknown;
  /** News to show as soon as it is known. */
  readonly news?: Promise<string> | undefined;
}

/** Asks for the values of flags, each in the way of its schema. */
export class FieldPrompts {
  readonly #prompter: Prompter;
  readonly #judge: Judge;
  readonly #help: Help;
  readonly #io: Io;

  constructor(prompter: Prompter, judge: Judge, help: Help, io: Io) {
    this.#prompter = prompter;
    this.#judge = judge;
    this.#help = help;
    this.#io = io;
  }

  /**
   * Asks for the value of one flag. Returns undefined for an empty answer, allowed if `whenEmpty` says what it means.
   */
  async ask(flag: Flag, values: ReadonlyMap<Flag, unknown>, whenEmpty?: string): Promise<unknown> {
    const message = `${(flag.schema.description ?? flag.name).replace(/\.$/, '')} (--${flag.name})`;
    const fallback = this.#help.defaultOf?.(flag);
    if (flag.schema.enum !== undefined && !flag.repeatable) {
      const choices = choicesOf(flag);
      return this.#prompter.select<unknown>(message, choices, { default: fallback ?? flag.schema.default });
    }
    if (flag.kind === 'boolean') return this.#prompter.confirm(message, (fallback ?? flag.schema.default) === true);
    const check = (text: string) =>
      text === '' && whenEmpty !== undefined ? Promise.resolve(undefined) : this.#complaint(flag, text, values);
    if (flag.secret) return orNothing(flag, await this.#prompter.secret(message, check));
    const text = await this.#prompter.line({
      message,
      default: fallback === undefined ? undefined : textOf(flag, fallback),
      check,
      isCheckedTyping: (typed) => isStructured(flag) && !typed.startsWith('@'),
      suggestions: () => this.#help.suggest?.(flag, values),
      takesFirst: whenEmpty === undefined,
      remark: [formatOf(flag), whenEmpty].filter((part) => part !== undefined).join('; ') || undefined,
      news: this.#help.news,
    });
    return text === '' ? undefined : this.#read(flag, text);
  }

  /** Asks which of these flags to ask for; those with a default are chosen from the start. */
  choose(message: string, flags: readonly Flag[], isRequired: boolean): Promise<readonly Flag[]> {
    const width = largest(flags.map(({ name }) => name.length));
    const choices = flags.map((flag) => ({
      name: `--${flag.name.padEnd(width)}  ${flag.schema.description ?? ''}`,
      short: `--${flag.name}`,
      value: flag,
      checked: this.#help.defaultOf?.(flag) !== undefined,
    }));
    return this.#prompter.several(message, choices, isRequired);
  }

  /** Returns what is wrong with an answer, or undefined. */
  async #complaint(flag: Flag, text: string, values: ReadonlyMap<Flag, unknown>): Promise<string | undefined> {
    if (text === '') return 'must not be empty';
    if (text === '-' && flag.kind === 'json') return 'must be JSON or @file';
    try {
      const answer = flag.secret ? secretIn(flag, text) : await this.#read(flag, text);
      return this.#judge(flag, new Map([...values, [flag, answer]]));
    } catch (error) {
      if (error instanceof Failure) return error.message;
      throw error;
    }
  }

  async #read(flag: Flag, text: string): Promise<unknown> {
    if (!flag.repeatable) return readValue(flag, text, this.#io);
    const items = text.split(',').map((item) => item.trim());
    return Promise.all(items.filter((item) => item !== '').map((item) => readValue(flag, item, this.#io)));
  }
}

function orNothing(flag: Flag, text: string): string | undefined {
  return text === '' ? undefined : secretIn(flag, text);
}

function choicesOf({ schema }: Flag): PromptChoice<unknown>[] {
  const { enum: values = [], 'x-labels': labels = [] } = schema;
  return values.map((value, index) => {
    const label = labels[index];
    return { name: label === undefined ? String(value) : `${label} (${String(value)})`, value };
  });
}

function isStructured({ kind, repeatable }: Flag): boolean {
  return kind !== 'text' && !repeatable;
}

function formatOf({ kind, repeatable }: Flag): string | undefined {
  if (repeatable) return 'several: separated by commas';
  return kind === 'json' ? 'JSON or @file' : undefined;
}

function textOf(flag: Flag, value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ');
  return flag.kind === 'json' ? JSON.stringify(value) : String(value);
}
