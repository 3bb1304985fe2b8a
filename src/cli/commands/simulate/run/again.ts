import type { Shard } from '../../../../simulate/index.ts';
import { withoutUrlSecrets } from '../../../../protocol/urlSecrets.ts';
import { shellQuote } from '../../../terminal/shellWords.ts';

/** Flags left out: they say with whom and when a run starts, or hold a secret. True if the flag takes a value. */
const leftOut: ReadonlyMap<string, boolean> = new Map([
  ['--token', true],
  ['--header', true],
  ['--shards', true],
  ['--start-at', true],
  ['--start-timeout', true],
  ['--start-together', false],
]);

/**
 * Returns a command line that repeats this run anywhere: with the seed in force and the shard from the environment,
 * without tokens and past start times.
 */
export function again(argv: readonly string[], seed: number, { index: part, count }: Shard): string {
  const words: string[] = [];
  const hasShard = argv.some((word) => word === '--shard' || word.startsWith('--shard='));
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const [flag = ''] = word.split('=', 1);
    if (flag === '--shards' && !hasShard) words.push('--shard', `${part}/${count}`);
    if (!leftOut.has(flag)) words.push(word);
    else if (leftOut.get(word) === true) index++;
  }
  const hasSeed = words.some((word) => word === '--seed' || word.startsWith('--seed='));
  return ['devicehive', ...words, ...(hasSeed ? [] : ['--seed', String(seed)])].map(quoted).join(' ');
}

function quoted(word: string): string {
  return shellQuote(withoutUrlSecrets(word));
}
