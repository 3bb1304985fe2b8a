import type { Shard } from '../../../../simulate/index.ts';
import { withoutUrlSecrets } from '../../../../protocol/urlSecrets.ts';
import { shellQuote } from '../../../terminal/shellWords.ts';

/**
 * Returns a command line that repeats this run anywhere: with the seed in force, without a token, and with the shard
 * from the environment.
 */
export function again(argv: readonly string[], seed: number, { index: part, count }: Shard): string {
  const words: string[] = [];
  const hasShard = argv.some((word) => word === '--shard' || word.startsWith('--shard='));
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--token') index++;
    else if (/^--shards(=|$)/.test(word)) {
      if (word === '--shards') index++;
      if (!hasShard) words.push('--shard', `${part}/${count}`);
    } else if (!word.startsWith('--token=')) words.push(word);
  }
  const hasSeed = words.some((word) => word === '--seed' || word.startsWith('--seed='));
  return ['devicehive', ...words, ...(hasSeed ? [] : ['--seed', String(seed)])].map(quoted).join(' ');
}

function quoted(word: string): string {
  return shellQuote(withoutUrlSecrets(word));
}
