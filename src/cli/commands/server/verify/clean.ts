import { connect } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import { printResult, type PrintContext } from '../../../printing/output.ts';
import { nameOf, type Conversation } from '../../../target/conversation.ts';
import { longWait } from '../../../terminal/waiting/longWait.ts';
import { cutText, safeLine } from '../../../terminal/safeText.ts';
import { Removal } from './removal.ts';
import { scenarios, uniqueOf } from './scenarios.ts';

/** The prefix of everything that a check creates: nothing else is ever removed. */
const pattern = /^verify-[a-z0-9]*-?$/;

/** Throws a usage `Failure` for a prefix that names made by others may have. */
export function checkPrefix(prefix: string): void {
  if (pattern.test(prefix)) return;
  throw new Failure('usage', `--clean must be the beginning of names that a check makes, not '${cutText(prefix)}'`, {
    hint: 'Such as --clean verify-k3x9a2b- : the check that was interrupted has told it. --clean verify- means all of them.',
  });
}

/** Removes everything that checks left under this prefix; ends with 9 if something remains. Throws a `Failure`. */
export async function clean(prefix: string, conversation: Conversation, context: PrintContext): Promise<void> {
  const { io, output } = context;
  const removal = new Removal(prefix);
  const options = { ...conversation.options, credentials: { accessToken: conversation.token() } };
  const left = await longWait(io, 'removing what is there', async () => {
    await using connection = await connect(options);
    await removal.findSettings(settingsOf(prefix), connection);
    return await removal.sweep(options);
  });
  if (io.signal.aborted) throw new Failure('interrupted', 'stopped while removing');
  for (const [kind, { message }] of removal.unlisted) io.warn(`${kind}s were not listed: ${message}`);
  const { removed, unlisted } = removal;
  const server = nameOf(conversation.connection.url, conversation.embedded);
  if (output.format === 'text' && output.query === undefined) io.out(cleanText(prefix, removed, left));
  else await printResult({ server, prefix, removed, left }, context);
  if (left.length === 0 && unlisted.size === 0) return;
  const [first] = unlisted.values();
  throw new Failure('assertion', `not everything that begins with ${prefix} could be looked for and removed`, {
    hint: first?.hint ?? 'The report names what is left.',
    serverState: first?.serverState,
  });
}

/**
 * Returns the names that a check's settings may have, because settings cannot be listed; only a complete prefix gives
 * them.
 */
function settingsOf(prefix: string): string[] {
  if (prefix === 'verify-') return [];
  const whole = prefix.endsWith('-') ? prefix : `${prefix}-`;
  const names = scenarios.flatMap((scenario) =>
    scenario.steps
      .filter(({ send }) => send?.['action'] === 'configuration/put')
      .map(({ send }) => send?.['name'])
      .filter((name) => typeof name === 'string')
      .map((name) => name.replace('${unique:1}', uniqueOf(scenario, whole))),
  );
  return [...new Set(names)].filter((name) => name.startsWith(whole));
}

function cleanText(prefix: string, removed: readonly string[], left: readonly string[]): string {
  const lines = [
    ...removed.map((what) => `removed ${safeLine(what)}`),
    ...left.map((what) => `not removed: ${safeLine(what)}`),
  ];
  return `${lines.length === 0 ? `nothing was found that begins with ${prefix}` : lines.join('\n')}\n`;
}
