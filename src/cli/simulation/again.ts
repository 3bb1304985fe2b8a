import { shellQuote } from '../shellWords.ts';

/** The command line that does the same again: with the seed that was in force, and without a token. */
export function again(argv: readonly string[], seed: number): string {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--token') index++;
    else if (!word.startsWith('--token=')) words.push(word);
  }
  const hasSeed = words.some((word) => word === '--seed' || word.startsWith('--seed='));
  return ['devicehive', ...words, ...(hasSeed ? [] : ['--seed', String(seed)])].map(shellQuote).join(' ');
}
