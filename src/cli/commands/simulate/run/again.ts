import type { Shard } from '../../../../simulate/index.ts';
import { withoutUrlSecrets } from '../../../../protocol/urlSecrets.ts';
import { shellQuote } from '../../../terminal/shellWords.ts';

/** Flags that say with whom and when a run starts, or carry a secret; the value is whether they take a value. */
const leftOut: ReadonlyMap<string, boolean> = new Map([
  ['--token', true],
  ['--header', true],
  ['--shards', true],
  ['--start-at', true],
  ['--start-timeout', true],
  ['--start-together', false],
]);

/**
 * Returns a command line that repeats this run anywhere: with the seed in force, without a token or a start that is
 * past, and with the shard from the environment.
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
