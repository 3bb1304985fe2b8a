import type { Produce } from '../generators/generator.ts';
import { whole } from '../random.ts';
import { own } from '../../../protocol/own.ts';

/**
 * The variables of DeviceHive's Python simulator: seconds since 1970 with a fraction, a number from 0 to 1, a whole
 * number below 2^32 - 1, 0 or 1.
 */
const variables: Readonly<Record<string, Produce>> = {
  timestamp: ({ originMs, atMs }) => (originMs + atMs) / 1000,
  random: ({ random }) => random.unit(),
  randint: ({ random }) => whole(random, 4_294_967_295),
  randbit: ({ random }) => whole(random, 2),
};

const names = Object.keys(variables).join('|');

/** Matches a variable, or one taken literally because its dollar is doubled. */
const anywhere = new RegExp(`\\$(\\$?)(${names})\\b`, 'g');
const alone = new RegExp(`^\\$(${names})$`);

/** True if a text holds one of the variables. */
export function hasVariable(text: string): boolean {
  return text.search(anywhere) !== -1;
}

/** Returns a producer of a text with variables: of a number if it is one variable and nothing else, else of text. */
export function variableText(text: string): Produce {
  const [, only] = alone.exec(text) ?? [];
  const produce = own(variables, only ?? '');
  if (produce !== undefined) return produce;
  return (moment) =>
    text.replace(anywhere, (_, escape: string, name: string) =>
      escape === '' ? String(own(variables, name)?.(moment)) : `$${name}`,
    );
}
