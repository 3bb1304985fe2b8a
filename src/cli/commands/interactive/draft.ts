import { Command } from 'commander';
import { redactFrame } from '../../../protocol/redaction.ts';
import type { ActionName } from '../../../protocol/schema.ts';
import type { WatchValues } from '../watch/plan.ts';
import { wordsFor } from '../../flags/commandWords.ts';
import { fieldOptions } from '../../flags/fieldOptions.ts';
import { toWords } from '../../flags/flags.ts';
import { oneLiner } from '../../request/oneLiner.ts';
import { payloadOf, type RequestForm } from '../../request/requestForm.ts';
import type { AnswerTrail } from '../../terminal/prompts/answerTrail.ts';
import { cutText } from '../../terminal/safeText.ts';

/** A request with its fields filled in. A subscription is watched for a while. */
export interface RequestDraft {
  readonly form: RequestForm;
  /** The answers that filled it in. */
  readonly trail: AnswerTrail;
  /** True if it waits for the device's answer to a command. */
  readonly waits: boolean;
  /** How long to watch, such as `30s`. */
  readonly watchFor: string | undefined;
}

/** Longer frames are shown in part. */
const shownLength = 4000;

/** Returns the frame that a draft is sent as, with its secrets hidden and without a request id. */
export function frameText({ form }: RequestDraft): string {
  return cutText(JSON.stringify(redactFrame({ action: form.action, ...payloadOf(form) })), shownLength);
}

/** Returns the equivalent command line, followed by these words. */
export function lineOf({ form, watchFor, waits }: RequestDraft, more: readonly string[]): string {
  const own = [...(waits ? ['--wait'] : []), ...(watchFor === undefined ? [] : ['--for', watchFor])];
  return oneLiner(form.action, payloadOf(form), { words: wordsOfAction(form.action), more: [...own, ...more] });
}

/** The words that call an action. */
export function wordsOfAction(action: ActionName): readonly string[] | undefined {
  return isSubscription(action) ? [action.replace('/subscribe', ''), 'watch'] : wordsFor(action);
}

/** True if the action is a subscription, which becomes a watch. */
export function isSubscription(action: ActionName): action is 'command/subscribe' | 'notification/subscribe' {
  return action.endsWith('/subscribe');
}

/** The flags of a watch, as commander leaves them. */
export function watchValues({ form, watchFor }: RequestDraft): WatchValues {
  const command = new Command();
  for (const option of fieldOptions(form.action)) command.addOption(option);
  command.parse(toWords(form.flags, payloadOf(form)), { from: 'user' });
  return { ...command.opts<WatchValues>(), ...(watchFor === undefined ? {} : { for: watchFor }) };
}
