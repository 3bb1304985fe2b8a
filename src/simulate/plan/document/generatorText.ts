import { endOfString } from '../../../protocol/notation/jsonStrings.ts';
import { closest } from '../../../protocol/notation/closest.ts';
import type { Argument, Generator } from '../generators/generator.ts';
import { generators, positional, signature } from '../generators/index.ts';
import { hasVariable } from './variables.ts';
import { own, setOwn } from '../../../protocol/own.ts';

/**
 * A value as a plan writes it, or the problem with its spelling, as the end of a sentence that begins with its place.
 */
export type Spelled =
  { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'wrong'; readonly message: string };

/** Parses a value generator in a flag, such as `walk(18,26,0.3)` or `uuid`, or a value as JSON. */
export function generatorFromText(text: string): Spelled {
  const trimmed = text.trim();
  const literal = jsonOf(trimmed);
  if (literal !== undefined) return { kind: 'value', value: literal };
  const [, name = '', list] = /^([\w-]+)\s*(?:\((.*)\))?$/s.exec(trimmed) ?? [];
  const generator = generators.get(name.toLowerCase());
  if (generator === undefined)
    return hasVariable(trimmed) ? { kind: 'value', value: trimmed } : wrong(unknownGenerator(trimmed, name));
  const parts = list === undefined || list.trim() === '' ? [] : partsOf(list);
  if (parts === undefined) return wrong(`has unbalanced brackets or quotes in ${trimmed}`);
  const given = argumentsOf(generator, parts);
  if (typeof given === 'string') return wrong(given);
  const [only] = generator.arguments;
  const value = generator.named === undefined || only === undefined ? given : own(given, only.name);
  return { kind: 'value', value: { [generator.name]: value } };
}

/** Returns all spellings, for messages: a JSON value or one of the generators. */
export function generatorGrammar(): string {
  return `GENERATOR is a JSON value, or one of ${[...generators.values()].map(signature).join(' ')}`;
}

function wrong(message: string): Spelled {
  return { kind: 'wrong', message };
}

function unknownGenerator(text: string, name: string): string {
  if (text === '') return 'needs a generator';
  const likely = closest(name === '' ? text : name, [...generators.keys()]);
  const found = likely === undefined ? undefined : generators.get(likely);
  const advice = found === undefined ? '' : ` (did you mean ${found.example}?)`;
  return `has ${shortened(text)}, which is neither JSON nor a generator${advice}`;
}

function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

/** Splits a list at its commas, except those inside quotes and brackets; undefined if these are not balanced. */
function partsOf(list: string): string[] | undefined {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    const sign = list.charAt(at);
    if (sign === '"') at = endOfString(list, at);
    if (at === list.length) return undefined;
    if (/[([{]/.test(sign)) depth++;
    if (/[)\]}]/.test(sign)) depth--;
    if (depth < 0) return undefined;
    if (sign !== ',' || depth > 0) continue;
    parts.push(list.slice(start, at));
    start = at + 1;
  }
  parts.push(list.slice(start));
  return depth === 0 ? parts.map((part) => part.trim()) : undefined;
}

/** Returns arguments given by position, then by name: `walk(18,26,0.3,decimals=1)`. */
function argumentsOf(generator: Generator, parts: readonly string[]): Readonly<Record<string, unknown>> | string {
  if (parts.includes('')) return `leaves an argument of ${generator.name} empty: ${signature(generator)}`;
  const given: Record<string, unknown> = {};
  const places = positional(generator);
  let next = 0;
  for (const part of parts) {
    const named = namedArgument(generator, part);
    const argument = named?.argument ?? places[next];
    if (argument === undefined) return `gives ${generator.name} too much: ${signature(generator)}`;
    const value = argument.type.fromText(named?.text ?? part);
    if (argument.name !== generator.rest) setOwn(given, argument.name, value);
    else setOwn(given, argument.name, [...((own(given, argument.name) ?? []) as unknown[]), value]);
    if (named === undefined && argument.name !== generator.rest) next++;
  }
  return given;
}

function namedArgument(generator: Generator, part: string): { argument: Argument; text: string } | undefined {
  const [, name, text = ''] = /^([a-z-]+)\s*=(.*)$/s.exec(part) ?? [];
  const argument = generator.arguments.find((one) => one.name === name);
  return argument === undefined ? undefined : { argument, text: text.trim() };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
