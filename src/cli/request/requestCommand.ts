import { Command, Option } from 'commander';
import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import { carriesSecrets } from '../../protocol/secrets.ts';
import { schemaOf, type ActionName, type JsonSchema } from '../../protocol/schema.ts';
import { LazyConversation } from '../target/conversation.ts';
import { commandFlags, fieldOptions } from '../flags/fieldOptions.ts';
import type { Flag } from '../flags/flags.ts';
import { mayAsk, type FlagContext } from '../flags/sharedValues.ts';
import type { Io } from '../terminal/io.ts';
import { oneLiner } from './oneLiner.ts';
import { withOutput } from '../printing/output.ts';
import type { Help } from './prompt.ts';
import {
  askForMissing,
  formFailure,
  formOf,
  isIncomplete,
  judgeOf,
  payloadOf,
  type RequestForm,
} from './requestForm.ts';
import { asksBeforeDeletion, confirmDeletion, isDeletion } from './deletion.ts';
import { needsToken, sendOver } from './send.ts';
import { besideId, requestIdOf } from './requestId.ts';
import { requestSettings } from '../target/settings.ts';
import type { CommonValues } from '../target/serverName.ts';
import { readValues } from '../flags/values.ts';
import { insertRequestTimeoutMs, waitOf, waitOptions } from './waitOptions.ts';
import type { WaitValues } from './waitFor.ts';
import { isRepeated, repeatOptions, type RepeatValues } from './repeatOptions.ts';
import { own } from '../../protocol/own.ts';

/** The command of one action: `command/update` becomes `devicehive command update`. */
export function requestCommand(action: ActionName, name: string, io: Io): Command {
  const schema = schemaOf(action);
  const command = new Command(name).description(`${schema.title ?? action}.\n\n${schema.description ?? ''}`);
  for (const option of fieldOptions(action)) command.addOption(option);
  if (isListAction(schema)) command.addOption(new Option('--all', 'fetch everything, page by page'));
  if (isDeletion(action)) command.addOption(new Option('-y, --yes', 'delete without asking; only a terminal asks'));
  if (action === 'command/insert') for (const option of waitOptions()) command.addOption(option);
  if (isRepeated(action)) for (const option of repeatOptions()) command.addOption(option);
  command.addHelpText('after', () => exampleText(requestExamples(action)));
  return command.action(() => runRequest(action, { io, values: command.opts() }));
}

export { commandFlags };

/** Whether the action lists something page by page. */
export function isListAction(schema: JsonSchema): boolean {
  return schema.properties?.['take'] !== undefined;
}

function rawValues(flag: Flag, values: Readonly<Record<string, unknown>>): [string, unknown][] {
  const names = flag.secret ? [flag.name, `${flag.name}-file`] : [flag.name];
  return names.map((name) => [
    name,
    own(
      values,
      name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    ),
  ]);
}

/** Command lines of an action, made from the examples of its schema; secrets are shown as files. */
export function requestExamples(action: ActionName): string[] {
  const lines = (schemaOf(action).examples ?? []).map((example) =>
    oneLiner(action, example as Frame, { fileName: ({ name }) => `${name}.txt` }),
  );
  if (action === 'command/insert')
    lines.push('devicehive command insert --device d1 --command reboot --wait=done --fail-on failed --timeout 30s');
  if (action === 'notification/insert')
    lines.push(
      `devicehive notification insert --device d1 --notification t --parameters '{"value":{"walk":[18,26,0.3]}}' --count 10 --every 1s`,
    );
  return [...new Set(lines)];
}

/** Examples as help shows them. */
export function exampleText(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

async function runRequest(
  action: ActionName,
  given: FlagContext<CommonValues & WaitValues & RepeatValues & { readonly all?: boolean; readonly yes?: boolean }>,
): Promise<void> {
  const context = await withOutput(given);
  const { values } = context;
  const requestId = requestIdOf(values);
  if (requestId !== undefined && values.all === true) throw severalRequests();
  const flagged = besideId(requestSettings(context), requestId);
  const wait = await waitOf(values, flagged);
  const settings = wait === undefined ? flagged : { ...flagged, timeoutMs: insertRequestTimeoutMs };
  // before the password is asked for
  if (carriesSecrets(action) && values.dryRun !== true) await confirmed(context);
  await using conversation = new LazyConversation(needsToken(action), { ...context, settings });
  const payload = await readPayload(action, context, conversation);
  if (isRepeated(action) && (values.count !== undefined || values.every !== undefined)) {
    const { sendRepeated } = await import('./repetition.ts');
    return await sendRepeated(conversation, { ...context, settings: flagged, action, payload });
  }
  const all = values.all === true;
  if (all && payload['take'] !== undefined) {
    throw new Failure('usage', '--all and --take ask for different numbers of items', { hint: 'Give one of them.' });
  }
  const isCut = isListAction(schemaOf(action)) && payload['take'] === undefined;
  await sendOver(conversation, { ...context, settings, action, payload, all, isCut, wait, requestId });
}

async function confirmed(context: FlagContext<CommonValues>): Promise<void> {
  const { confirmServer } = await import('../target/projectServer.ts');
  await confirmServer(context);
}

function severalRequests(): Failure {
  return new Failure('usage', '--all sends several requests, and --request-id is the id of one', {
    hint: 'Give one of them.',
  });
}

/**
 * Returns the payload made by an action's flags. Asks for missing fields, and before a deletion. Throws one `Failure`
 * with all problems.
 */
export async function readPayload(
  action: ActionName,
  context: FlagContext<CommonValues>,
  conversation?: LazyConversation,
): Promise<Readonly<Record<string, unknown>>> {
  const { io, values } = context;
  const flags = commandFlags(action);
  const raw = new Map(flags.flatMap((flag) => rawValues(flag, values as Readonly<Record<string, unknown>>)));
  const read = await readValues(flags, raw, io);
  const form = formOf(action, flags, read.values);
  // The token of authenticate comes from the common flags.
  if (action !== 'authenticate') {
    if (isIncomplete(form) && mayAsk(context)) {
      // nobody is asked for more before what was given is known to be right
      const wrong = formFailure(form, read.problems, 'given');
      if (wrong !== undefined) throw wrong;
      await askWhatIsMissing(form, context, conversation);
      return payloadOf(form);
    }
    const failure = formFailure(form, read.problems);
    if (failure !== undefined) throw failure;
  }
  if (asksBeforeDeletion(action, context)) {
    const { prompterOf } = await import('../printing/prompters.ts');
    await confirmDeletion(action, payloadOf(form), await prompterOf(context));
  }
  return payloadOf(form);
}

async function askWhatIsMissing(
  form: RequestForm,
  context: FlagContext<CommonValues>,
  conversation: LazyConversation | undefined,
): Promise<void> {
  const { io } = context;
  const { FieldPrompts } = await import('./prompt.ts');
  const { prompterOf } = await import('../printing/prompters.ts');
  const suggest = await suggesting(conversation, context);
  const prompter = await prompterOf(context);
  const prompts = new FieldPrompts(prompter, judgeOf(form), suggest, io);
  const given = [...form.values];
  await prompter.untilAnswered(async () => {
    form.values.clear();
    for (const [flag, value] of given) form.values.set(flag, value);
    await askForMissing(form, prompts);
    const failure = formFailure(form);
    if (failure !== undefined) throw failure;
    if (asksBeforeDeletion(form.action, context)) await confirmDeletion(form.action, payloadOf(form), prompter);
  });
}

/**
 * Returns prompts that suggest the server's values, if there is a server and finding it does not read stdin, which
 * answers come from.
 */
async function suggesting(
  conversation: LazyConversation | undefined,
  { io, values }: FlagContext<CommonValues>,
): Promise<Help> {
  const readsStdin = values.token === '-' || io.env['DEVICEHIVE_PASSWORD_FILE'] === '-';
  if (conversation === undefined || values.dryRun === true || readsStdin) return {};
  const { suggestionsFor } = await import('./suggestions.ts');
  return { suggest: (flag, known) => suggestionsFor(flag, known, (...question) => conversation.ask(...question)) };
}
