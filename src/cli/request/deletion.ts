import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import { mayAsk, type FlagContext, type SharedValues } from '../flags/sharedValues.ts';
import { wordsFor } from '../flags/commandWords.ts';
import type { ActionName } from '../../protocol/schema.ts';
import { cutText } from '../terminal/safeText.ts';

/** True if the action deletes something. */
export function isDeletion(action: string): boolean {
  return action.endsWith('/delete');
}

/**
 * Asks before something is deleted, if a person can be asked. Throws an interrupted `Failure` unless the answer is yes.
 */
export async function confirmDeletion(
  action: ActionName,
  payload: Frame,
  context: FlagContext<SharedValues & { readonly yes?: boolean }>,
): Promise<void> {
  const { values } = context;
  if (values.yes === true || values.dryRun === true || !mayAsk(context)) return;
  const { prompterOf } = await import('../printing/prompters.ts');
  const prompter = await prompterOf(context);
  if (await prompter.confirm(`Delete ${whatOf(action, payload)}?`, false)) return;
  throw new Failure('interrupted', 'nothing was deleted', { hint: '--yes says beforehand that it may be.' });
}

/** Returns the name of the thing to delete, such as `device lamp-1`. */
function whatOf(action: ActionName, payload: Frame): string {
  const [noun = ''] = wordsFor(action) ?? [action.replace('/delete', '')];
  const ids = Object.values(payload).filter((value) => typeof value === 'string' || typeof value === 'number');
  return cutText([noun.replace('-', ' '), ...ids.map(String)].join(' '));
}
