import type { Connection } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import { readToken } from '../../../../protocol/tokens.ts';
import { closeConversation, openConversation, tellServer, type Conversation } from '../../../target/conversation.ts';
import { withOutput, type PrintContext } from '../../../printing/output.ts';
import { whileBusy } from '../../../terminal/waiting/longWait.ts';
import { PatientOutput } from '../../../terminal/patientOutput.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { requestSettings } from '../../../target/settings.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import { streamPrinter } from '../../../printing/streamPrinter.ts';
import { dangers } from '../../../flags/dangers.ts';
import { userOfToken } from '../../../target/tokenRights.ts';
import { findingPrinter, FindingTally, type SideNames } from '../finding.ts';
import { Roles } from './logins.ts';
import { moments } from '../moments.ts';
import { Replay } from './playback.ts';
import { replayPlan, type ReplayPlan } from './replayPlan.ts';
import { TraceSecrets } from '../traceSecrets.ts';
import { traceEntries } from '../traceFile.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

type ReplayValues = CommonValues & { readonly speed?: string; readonly allowAdmin?: boolean };

const names: SideNames = {
  expected: 'recorded',
  actual: 'received',
  missing: 'missing',
  unexpected: 'unexpected',
};

/**
 * `devicehive trace replay FILE`: repeats a recording and reports what differs. Throws `assertion` if anything does.
 */
export async function traceReplay(file: string, given: FlagContext<ReplayValues>): Promise<void> {
  const { io, values } = given;
  const speed = values.speed === undefined ? undefined : speedOf(values.speed);
  const settings = { ...requestSettings(given), probe: false };
  const context = { ...(await withOutput(given)), settings };
  if (file === '-')
    throw new Failure('usage', 'a recording is read twice, which stdin cannot be', { hint: 'Name a file.' });
  const leave = { allowAdmin: values.allowAdmin === true, allowLarge: settings.allowLarge };
  const read = () => replayPlan(moments(traceEntries(file, io.signal)), leave);
  const plan = await whileBusy(io, 'reading the recording', read);
  if (values.dryRun === true) return printFrames(file, plan, context);
  if (plan.isAdministrative) io.danger(dangers.admin);
  if (settings.allowLarge) io.danger(dangers.large);
  const patient = new PatientOutput(io);
  const tally = new FindingTally();
  const secrets = new TraceSecrets();
  const print = await streamPrinter({ ...context, io: patient.io }, findingPrinter(tally, names), 'findings');
  let end = () => undefined as unknown;
  const conversation = await openConversation(plan.logins.isAnonymous ? 'no' : 'yes', context);
  try {
    tellServer(conversation, context);
    const { timeoutMs } = settings;
    const ownUserId = plan.logins.isAnonymous ? undefined : await userIdOf(conversation, plan);
    const replay = new Replay(plan, {
      ...{ timeoutMs, speed, signal: io.signal, ownUserId },
      open: opener(conversation, plan),
      token: () => conversation.token(),
    });
    end = io.busy(() => `replaying: line ${replay.line} of the recording`);
    for await (const finding of replay.run(secrets.noting(moments(traceEntries(file, io.signal))))) {
      tally.add(finding);
      await print(secrets.redacted(finding));
      await patient.hasRoom();
    }
  } finally {
    end();
    await closeConversation(conversation);
    if (context.output.query === undefined) await print(tally.record());
    await patient.end();
  }
  conclude(tally);
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && speed > 0) return speed;
  throw new Failure('usage', `--speed must be a number above 0, not '${cutText(text)}'`, {
    hint: '1 is the pace of the recording, 10 ten times that.',
  });
}

/** Prints the frames that a replay would send, as recorded but without secrets. */
async function printFrames(file: string, plan: ReplayPlan, context: PrintContext): Promise<void> {
  const { io, output } = context;
  const patient = new PatientOutput(io);
  const roles = new Roles(plan.logins);
  const secrets = new TraceSecrets();
  const format = output.format === 'text' ? 'json' : output.format;
  const print = await streamPrinter({ ...context, io: patient.io, output: { ...output, format } }, () => '', 'frames');
  try {
    for await (const moment of secrets.noting(moments(traceEntries(file, io.signal)))) {
      if (moment.kind !== 'request') continue;
      if (moment.action === 'authenticate') roles.take(moment);
      if (roles.reasonNotToSend(moment) === undefined) await print(secrets.redacted(moment.frame));
      if (!(await patient.hasRoom())) return;
    }
  } finally {
    await patient.end();
  }
}

/**
 * Returns the user id of the token in force. Asks the server only if the token does not say and the recording changes
 * users.
 */
async function userIdOf(conversation: Conversation, plan: ReplayPlan): Promise<number | undefined> {
  const claimed = readToken(conversation.token())?.userId;
  if (claimed !== undefined || !plan.changesUsers) return claimed;
  return (await userOfToken(conversation.connection))?.id;
}

/** Returns a function that opens connections: the first call returns the existing one, later calls make new ones. */
function opener(conversation: Conversation, { logins }: ReplayPlan): (isAuthenticated: boolean) => Promise<Connection> {
  let first: Connection | undefined = conversation.connection;
  return async (isAuthenticated) => {
    const known = first;
    if (known !== undefined && isAuthenticated === !logins.isAnonymous) {
      first = undefined;
      return known;
    }
    const { connect } = await import('../../../../client/index.ts');
    const credentials = isAuthenticated ? { credentials: { accessToken: conversation.token() } } : {};
    return connect({ ...conversation.options, ...credentials });
  };
}

function conclude(tally: FindingTally): void {
  if (tally.different === 0) return;
  throw new Failure('assertion', `${tally.different} of ${tally.compared} differ from the recording`, {
    hint: 'Above is where; --json tells the whole frames.',
  });
}
