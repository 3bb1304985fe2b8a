import { Failure } from '../../../../errors.ts';
import { closeConversation, openConversation, tellServer } from '../../../target/conversation.ts';
import { durationMs } from '../../../terminal/durations.ts';
import type { Io } from '../../../terminal/io.ts';
import { whileBusy } from '../../../terminal/waiting/longWait.ts';
import { printResult } from '../../../printing/output.ts';
import { contextOf, type Context } from '../../../target/context.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { normalUrl } from '../../../target/serverUrl.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import { summaryOf, type Summary } from './summary.ts';
import { summaryText } from './summaryText.ts';
import { verify, type Verification, type VerifyPlan } from './verification.ts';
import { checkJunitPlace, writeJunit } from './junit.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

interface VerifyValues extends CommonValues {
  readonly write?: boolean;
  readonly silence?: string;
  readonly junit?: string;
  readonly clean?: string;
}

/** How long the recordings listened before they noted silence, in ms. */
const recordedSilenceMs = 2500;

/** Some steps wait inside the server: its own are kept apart, but not those of others (PROTOCOL.md 7, Q41). */
const aloneNote =
  'nobody else should use the server meanwhile: command/get, which is checked too, may freeze a DeviceHive beside the requests of others';

/** `devicehive server verify [URL]`: compares a server with DeviceHive 4.1.0; ends with 9 if anything differs. */
export async function serverVerify(url: string | undefined, given: FlagContext<VerifyValues>): Promise<void> {
  const context = await contextOf({ ...given, values: withUrl(url, given) });
  const { io, values, output, settings } = context;
  if (values.clean !== undefined) return cleanInstead(values.clean, context);
  let progress = 'verifying the server';
  const plan: VerifyPlan = {
    onProgress: (played, of) => (progress = `verifying the server: ${played} of ${of} scenarios played`),
    profile: values.write === true ? 'write' : 'read-only',
    replyMs: settings.timeoutMs,
    silenceMs: values.silence === undefined ? recordedSilenceMs : durationMs(values.silence, '--silence'),
  };
  if (values.junit !== undefined) checkJunitPlace(values.junit);
  const startMs = performance.now();
  const conversation = await openConversation('yes', context);
  try {
    tellServer(conversation, context);
    if (plan.profile === 'write' && !conversation.embedded) io.note(aloneNote);
    const onLeft = (left: readonly string[], prefix: string) => warnOfLeft(left, prefix, io);
    const work = () => verify(conversation, plan, io.signal, onLeft);
    const verification = await whileBusy(io, () => progress, work);
    const summary = summaryOf(verification, conversation, plan.profile, performance.now() - startMs);
    if (values.junit !== undefined) writeJunit(values.junit, verification.results, summary);
    if (output.format === 'text' && output.query === undefined) io.out(summaryText(summary, context));
    else await printResult({ ...summary }, context);
    judge(verification, summary);
  } finally {
    await closeConversation(conversation);
  }
}

/** Accepts a URL as an argument in place of --url. Throws a usage `Failure`. */
function withUrl(url: string | undefined, { io, values }: FlagContext<VerifyValues>): VerifyValues {
  if (url === undefined) return values;
  const other = values.url ?? values.context ?? (values.embedded === true ? '--embedded' : undefined);
  if (other !== undefined)
    throw new Failure('usage', `'${cutText(url)}' and '${cutText(other)}' name two servers`, {
      hint: 'Give one of them.',
    });
  return { ...values, url: normalUrl(url, 'the URL', io) };
}

/** Removes what earlier checks left, in place of a check, and refuses a check's flags. Throws a `Failure`. */
async function cleanInstead(prefix: string, context: Context<VerifyValues>): Promise<void> {
  const { values } = context;
  const { clean, checkPrefix } = await import('./clean.ts');
  checkPrefix(prefix);
  const others = (['write', 'silence', 'junit'] as const).filter((name) => values[name] !== undefined);
  if (others.length > 0)
    throw new Failure('usage', `--clean checks nothing, so --${others.join(' and --')} cannot be given with it`, {
      hint: 'Clean first, then check.',
    });
  const conversation = await openConversation('yes', context);
  try {
    tellServer(conversation, context);
    await clean(prefix, conversation, context);
  } finally {
    await closeConversation(conversation);
  }
}

function warnOfLeft(left: readonly string[], prefix: string, io: Io): void {
  const what = left.map((one) => cutText(one, 100)).join(', ');
  io.warn(`not removed, please do it by hand: ${what}; or later: devicehive server verify --clean ${prefix}`);
}

/** Turns the result into the exit code. Throws a `Failure` unless all steps agree. */
function judge({ lost }: Verification, { differ, steps, skipped, left, differences }: Summary): void {
  if (lost !== undefined) throw lost;
  if (differ > 0) {
    const actions = [...new Set(differences.map(({ action }) => action))];
    throw new Failure('assertion', `${differ} of ${steps - skipped} steps differ from DeviceHive 4.1.0`, {
      hint: `They are about ${actions.slice(0, 5).join(', ')}${actions.length > 5 ? ' and others' : ''}; the report has each with what was expected.`,
    });
  }
  if (left.length > 0)
    throw new Failure('assertion', `all steps agree, but ${left.length} of the things they made could not be removed`, {
      hint: 'The report names them.',
    });
}
