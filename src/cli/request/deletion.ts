import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import { mayAsk, type FlagContext, type SharedValues } from '../flags/sharedValues.ts';
import { wordsFor } from '../flags/commandWords.ts';
import type { ActionName } from '../../protocol/schema.ts';
import type { Prompter } from '../terminal/prompts/prompter.ts';
import { cutText } from '../terminal/safeText.ts';

/** True if the action deletes something. */
export function isDeletion(action: string): boolean {
  return action.endsWith('/delete');
}

/** True if a deletion must be confirmed and somebody is there to answer. */
export function asksBeforeDeletion(
  action: string,
  context: FlagContext<SharedValues & { readonly yes?: boolean }>,
): boolean {
  const { yes, dryRun } = context.values;
  return isDeletion(action) && yes !== true && dryRun !== true && mayAsk(context);
}

/**
 * Asks before something is deleted. Throws an interrupted `Failure` unless the answer is yes. Esc goes back to the
 * previous question if there is one, and means no otherwise.
 */
export async function confirmDeletion(action: ActionName, payload: Frame, prompter: Prompter): Promise<void> {
  const ask = () => prompter.confirm(`Delete ${whatOf(action, payload)}?`, false);
  if ((await prompter.orBack(ask)) === true) return;
  throw new Failure('interrupted', 'nothing was deleted', { hint: '--yes says beforehand that it may be.' });
}

/** Returns the name of the thing to delete, such as `device lamp-1`. */
function whatOf(action: ActionName, payload: Frame): string {
  const [noun = ''] = wordsFor(action) ?? [action.replace('/delete', '')];
  const ids = Object.values(payload).filter((value) => typeof value === 'string' || typeof value === 'number');
  return cutText([noun.replace('-', ' '), ...ids.map(String)].join(' '));
}
