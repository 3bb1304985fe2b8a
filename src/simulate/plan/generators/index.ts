import { constant, enumeration } from './choices.ts';
import { csv } from './csv.ts';
import type { Argument, Generator } from './generator.ts';
import { counter, decay, normal, sine, uniform, walk } from './numbers.ts';
import { path } from './places.ts';
import { parameter, state } from './references.ts';
import { timestamp, uuid } from './identities.ts';

/** All value generators, by name. */
export const generators: ReadonlyMap<string, Generator> = new Map(
  [
    constant,
    enumeration,
    counter,
    uniform,
    normal,
    walk,
    sine,
    decay,
    path,
    csv,
    timestamp,
    uuid,
    state,
    parameter,
  ].map((generator) => [generator.name, generator]),
);

/** Returns the arguments that may be given by position, in order. */
export function positional(generator: Generator): readonly Argument[] {
  return generator.arguments.slice(0, generator.positions ?? generator.arguments.length);
}

/** Returns how flags write a generator: `walk(from,to,step)`; brackets show optional arguments. */
export function signature(generator: Generator): string {
  const written = positional(generator).map(({ name, isRequired }, index) => {
    const word = name === generator.rest ? `${name}…` : name;
    return isRequired === true ? `${index === 0 ? '' : ','}${word}` : `[${index === 0 ? '' : ','}${word}]`;
  });
  return written.length === 0 ? generator.name : `${generator.name}(${written.join('')})`;
}
