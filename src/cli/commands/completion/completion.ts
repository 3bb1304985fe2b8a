import { Failure } from '../../../errors.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import { complete } from './complete.ts';
import type { CommandTree } from '../toolCommand.ts';
import { isShell, shells } from './shells.ts';

/**
 * `devicehive completion SHELL`; scripts call `devicehive completion complete -- WORD…` with the word under the cursor
 * last.
 */
export async function completion(shell: string, words: readonly string[], tree: CommandTree, io: Io): Promise<void> {
  if (shell === 'complete') return io.out(await complete(words, tree, io));
  const hint = `Such as: devicehive completion bash. What to do with it: devicehive completion --help`;
  if (!isShell(shell))
    throw new Failure('usage', `there is a script for ${shells.join(', ')}, not for '${cutText(shell)}'`, { hint });
  if (words.length > 0)
    throw new Failure('usage', `'${cutText(words.join(' '))}' is too much: name one shell`, { hint });
  const { completionScript } = await import('./scripts.ts');
  io.out(completionScript(shell));
}
