import { closest } from '../../../protocol/notation/closest.ts';
import type { Argument, Arguments, Generator } from './generator.ts';
import { positional, signature } from './index.ts';
import { own } from '../../../protocol/own.ts';

/**
 * Reads the arguments of a generator in a plan: named, a list by position, or the first one alone. Calls `problem` for
 * each mistake, and then returns undefined.
 */
export function readArguments(
  generator: Generator,
  given: unknown,
  problem: (message: string) => void,
): Arguments | undefined {
  const named = namedArguments(generator, given, problem);
  if (named === undefined) return undefined;
  const read = new Map<string, unknown>();
  const problems: string[] = [];
  const wrong = (message: string) => void problems.push(message);
  for (const name of Object.keys(named)) {
    if (!generator.arguments.some((argument) => argument.name === name)) wrong(unknown(generator, name));
  }
  for (const argument of generator.arguments) {
    const value = own(named, argument.name);
    if (value !== undefined) read.set(argument.name, readOne(generator, argument, value, wrong));
    else if (argument.isRequired === true) wrong(`needs ${argument.name}: ${signature(generator)}`);
  }
  for (const message of problems) problem(message);
  return problems.length === 0 ? Object.fromEntries(read) : undefined;
}

function readOne(generator: Generator, argument: Argument, value: unknown, wrong: (message: string) => void): unknown {
  const { name, type } = argument;
  if (name !== generator.rest) {
    const read = type.read(value);
    if (read === undefined) wrong(`needs ${name} to be ${type.expected}, not ${shownValue(value)}`);
    return read;
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0) wrong(`needs ${name}: ${signature(generator)}`);
  return items.map((item) => {
    const read = type.read(item);
    if (read === undefined) wrong(`needs each of ${name} to be ${type.expected}, not ${shownValue(item)}`);
    return read;
  });
}

function unknown(generator: Generator, name: string): string {
  const names = generator.arguments.map((argument) => argument.name);
  const likely = closest(name, names);
  const advice = likely === undefined ? `; it has ${names.join(', ') || 'none'}` : ` (did you mean ${likely}?)`;
  return `has no argument ${name}${advice}`;
}

function namedArguments(
  generator: Generator,
  given: unknown,
  problem: (message: string) => void,
): Readonly<Record<string, unknown>> | undefined {
  const own = generator.named?.(given);
  if (own !== undefined) return own;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given as Record<string, unknown>;
  const values: readonly unknown[] = Array.isArray(given) ? given : given === null ? [] : [given];
  const names = positional(generator);
  const isOpen = generator.rest !== undefined;
  if (values.length > names.length && !isOpen) {
    problem(`takes ${names.length === 0 ? 'no arguments' : `at most ${names.length}`}: ${signature(generator)}`);
    return undefined;
  }
  return Object.fromEntries(
    names
      .slice(0, values.length)
      .map(({ name }, index) => [name, name === generator.rest ? values.slice(index) : values[index]]),
  );
}

/** Returns a value with a problem as text, cut if it is long. */
export function shownValue(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? typeof value;
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}
