import inquirer from 'inquirer';
import { makeTheme, useEffect, useState } from '@inquirer/core';
import { Failure } from '../../../errors.ts';
import type { Io } from '../io.ts';
import { Keyboard } from './keyboard.ts';
import { linePrompt, type LineQuestion } from './linePrompt.ts';
import { AnswerTrail } from './answerTrail.ts';
import { fittingWords } from '../wrapping.ts';
import { PromptScreen } from './screen.ts';

/** Something to choose; `name` is what is shown and searched. */
export interface PromptChoice<Value> {
  readonly name: string;
  readonly value: Value;
  readonly description?: string;
  /** Shown in place of `name` once it is chosen. */
  readonly short?: string;
  /** In a list of which several may be chosen: chosen from the start. */
  readonly checked?: boolean;
}

/** The reasons to end a question from outside: the person goes back, or something else matters more. */
export interface Interruption {
  readonly unless?: AbortSignal | undefined;
}

/** A question for inquirer. */
interface Asked extends Record<string, unknown> {
  readonly message: string;
}

/** Columns before a choice and behind it: its mark, its box, and one that stays free. */
const markWidth = 5;

/** The question was ended by its `unless`. */
export class Unanswered extends Error {}

/** The person wants to go back. */
class Back extends Error {}

/**
 * Asks a person on the terminal, on stderr. Every question may throw an interrupted `Failure` (Ctrl-C, a signal) or,
 * where it has an `unless`, `Unanswered`.
 */
export class Prompter {
  readonly #keyboard = new Keyboard();
  readonly #screen = new PromptScreen();
  readonly #io: Io;
  readonly #theme: object;
  readonly #answered = makeTheme({}).style.answer;
  /** The questions that Esc leads back through, if any. */
  #trail: AnswerTrail | undefined;

  constructor(io: Io) {
    this.#io = io;
    io.aside = (say) => this.#screen.aside(say);
    const { style } = makeTheme({});
    const message = (...shown: Parameters<typeof style.message>) => {
      this.#redrawn();
      return style.message(...shown);
    };
    this.#theme = { style: { message } };
  }

  /** Whether the person has left with Ctrl-D. */
  get hasLeft(): boolean {
    return this.#keyboard.hasLeft;
  }

  /**
   * Asks questions one after the other. Esc leads back by one: `questions` runs anew with the answers before that one,
   * and proposes the others again. Returns undefined where Esc is pressed at the first; there, questions inside of
   * others lead back to those.
   */
  async orBack<Value>(questions: () => Promise<Value>, trail = new AnswerTrail()): Promise<Value | undefined> {
    const outer = this.#trail;
    this.#trail = trail;
    try {
      for (;;) {
        trail.begin();
        try {
          return await questions();
        } catch (error) {
          if (!(error instanceof Back)) throw error;
          if (trail.goBack()) continue;
          if (outer !== undefined) throw error;
          return undefined;
        }
      }
    } finally {
      this.#trail = outer;
    }
  }

  /** Like `orBack`, where nothing comes before the first question. */
  async untilAnswered<Value>(questions: () => Promise<Value>): Promise<Value> {
    const wrapped = async () => ({ value: await questions() });
    for (;;) {
      const answered = await this.orBack(wrapped);
      if (answered !== undefined) return answered.value;
    }
  }

  /** Does something that Esc or q ends, by its signal. */
  async untilStopped<Value>(work: (stop: AbortSignal) => Promise<Value>): Promise<Value> {
    const stop = new AbortController();
    const release = this.#keyboard.listen(['q', 'Q'], () => stop.abort());
    try {
      return await work(stop.signal);
    } finally {
      release();
    }
  }

  line(question: LineQuestion): Promise<string> {
    const room = () => ({ rows: this.#pageSize, columns: this.#screen.columns });
    const initial = this.#trail?.keptFor(question.message);
    return this.#ask('line', { ...question, initial: typeof initial === 'string' ? initial : '', room });
  }

  secret(message: string, check: (text: string) => Promise<string | undefined>): Promise<string> {
    return this.#ask('password', {
      message,
      mask: false,
      validate: async (text: string) => (await check(text)) ?? true,
    });
  }

  /** Yes or no; anything else, such as text that was pasted too late, is asked about again. */
  async confirm(message: string, fallback: boolean): Promise<boolean> {
    const kept = this.#trail?.keptFor(message);
    const usual = typeof kept === 'string' ? kept !== 'y/N' && /^y/i.test(kept) : fallback;
    const unsaid = usual ? 'Y/n' : 'y/N';
    const meant = (text: string) => (text === unsaid ? usual : /^y(es)?$/i.test(text));
    const answer = await this.#ask<string>('input', {
      message,
      default: unsaid,
      validate: (text: string) => text === unsaid || /^(y(es)?|no?)$/i.test(text) || 'Answer y or n.',
      transformer: (text: string, { isFinal }: { isFinal: boolean }) =>
        isFinal ? this.#answered(meant(text) ? 'Yes' : 'No') : text,
    });
    return meant(answer);
  }

  select<Value>(
    message: string,
    choices: readonly PromptChoice<Value>[],
    options: Interruption & { readonly default?: Value } = {},
  ): Promise<Value> {
    const { unless, ...rest } = options;
    const kept = this.#trail?.keptFor(message);
    const proposed = kept === undefined ? rest : { default: kept };
    return this.#ask(
      'select',
      { message, choices: this.#fitting(choices), pageSize: this.#pageSize, loop: false, ...proposed },
      unless,
    );
  }

  /** Any number of the choices, or at least one. */
  several<Value>(
    message: string,
    choices: readonly PromptChoice<Value>[],
    required: boolean,
  ): Promise<readonly Value[]> {
    const kept = this.#trail?.keptFor(message) as readonly Value[] | undefined;
    const proposed = this.#fitting(choices).map((choice) =>
      kept === undefined ? choice : { ...choice, checked: kept.includes(choice.value) },
    );
    return this.#ask('checkbox', { message, choices: proposed, required, pageSize: this.#pageSize, loop: false });
  }

  /** One of many choices, which are searched as somebody types. */
  search<Value>(
    message: string,
    find: (typed: string) => readonly PromptChoice<Value>[],
    { unless }: Interruption = {},
  ): Promise<Value> {
    const source = (typed: string | undefined) => this.#fitting(find(typed ?? ''));
    return this.#ask('search', { message, source, pageSize: this.#pageSize }, unless);
  }

  async #ask<Value>(type: string, question: Asked, unless?: AbortSignal): Promise<Value> {
    const trail = this.#trail;
    const known = trail?.next();
    if (known !== undefined) return known.value as Value;
    const value = await this.#answerTo<Value>(type, question, unless);
    trail?.add(question.message, value);
    return value;
  }

  async #answerTo<Value>(type: string, question: object, unless?: AbortSignal): Promise<Value> {
    const back = new AbortController();
    const endMute = this.#io.busy(undefined);
    const goBack = () => (this.#trail === undefined ? undefined : back.abort());
    this.#keyboard.on('escape', goBack);
    const signals = [this.#io.signal, back.signal, ...(unless === undefined ? [] : [unless])];
    const signal = AbortSignal.any(signals);
    const module = inquirer.createPromptModule({ input: this.#keyboard, output: this.#screen, signal });
    module.registerPrompt('line', linePrompt as never);
    try {
      // A prompt that begins when it is over already would keep the terminal.
      signal.throwIfAborted();
      const asked = [{ type, name: 'value', theme: this.#theme, ...question }] as unknown;
      const answers = await module<{ value: Value }>(asked as Parameters<typeof module<{ value: Value }>>[0]);
      return answers.value;
    } catch (error) {
      throw this.#reason(error, back.signal, unless);
    } finally {
      endMute();
      this.#keyboard.off('escape', goBack);
    }
  }

  /** Why a question has no answer, told by what ended it. */
  #reason(error: unknown, back: AbortSignal, unless: AbortSignal | undefined): unknown {
    const isExit = error instanceof Error && error.name === 'ExitPromptError';
    const isAborted = [this.#io.signal, back, unless].some((signal) => signal?.aborted === true);
    if (!isExit && !isAborted) return error;
    const isEnded = isExit || this.#io.signal.aborted;
    if (!isEnded && back.aborted) return new Back();
    if (!isEnded && unless?.aborted === true) return new Unanswered();
    return new Failure('interrupted', 'stopped at a prompt; nothing was sent', {
      hint: 'Give the values as flags to skip the prompts.',
      cause: error,
    });
  }

  /** Choices on one line each, as many whole words of them as there is room for. */
  #fitting<Value>(choices: readonly PromptChoice<Value>[]): readonly PromptChoice<Value>[] {
    const room = this.#screen.columns - markWidth;
    return choices.map((choice) => ({
      ...choice,
      short: choice.short ?? choice.name,
      name: fittingWords(choice.name, room),
    }));
  }

  get #pageSize(): number {
    return Math.max(3, Math.min(12, this.#screen.rows - 6));
  }

  /**
   * A hook of the prompt that is being drawn: it draws itself again when the terminal's size changes, or something was
   * said.
   */
  #redrawn(): void {
    const [, setSize] = useState(Symbol());
    useEffect(() => {
      const redraw = () => setSize(Symbol());
      this.#screen.on('redraw', redraw);
      return () => void this.#screen.off('redraw', redraw);
    }, []);
  }
}
