import { Failure } from '../../errors.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { largeProblem, mostReplyBytes } from '../../protocol/limits.ts';
import { isAction, schemaOf } from '../../protocol/schema.ts';
import { secretsOf } from '../../protocol/redaction.ts';
import { carriesSecrets } from '../../protocol/secrets.ts';
import { dangers } from '../flags/dangers.ts';
import { LazyConversation, tellServer, type Conversation } from '../target/conversation.ts';
import type { Io } from '../terminal/io.ts';
import { whileBusy } from '../terminal/waiting/longWait.ts';
import { printResult } from '../printing/output.ts';
import { cutText } from '../terminal/safeText.ts';
import type { Exchanged, Prepared, PrintedExchange } from './prepared.ts';
import { noteRounded } from '../printing/rounding.ts';

/**
 * Sends one request over its own connection and prints the reply; with `--dry-run` prints the frame and sends nothing.
 */
export async function send(prepared: Prepared): Promise<void> {
  await using conversation = new LazyConversation(needsToken(prepared.action, prepared.payload), prepared);
  await sendOver(conversation, prepared);
}

/** Asks before passwords go to a server that only a project file names: they are secrets, as tokens are. */
async function confirmSecrets(prepared: Prepared): Promise<void> {
  if (!carriesSecrets(prepared.action) && secretsOf(prepared.payload).length === 0) return;
  const { confirmServer } = await import('../target/projectServer.ts');
  await confirmServer(prepared);
}

/**
 * Sends one request over this conversation, prints the reply and returns it; with `--dry-run` prints the frame and
 * sends nothing.
 */
export async function sendOver(lazy: LazyConversation, prepared: Prepared): Promise<Frame | undefined> {
  const { io, values, output } = prepared;
  refuseLarge(prepared);
  if (values.dryRun === true) {
    await printFrame(prepared);
    return undefined;
  }
  await confirmSecrets(prepared);
  let ending: Failure;
  try {
    const conversation = await lazy.open();
    const answering = cutText(`waiting for the reply to ${prepared.action}`);
    const ended = await whileBusy(io, answering, () => exchange(conversation, prepared));
    const { outcome, verdict, isPrinted } = ended;
    tellServer(conversation, prepared);
    if (output.envelope) await printEnvelope(prepared, lazy, outcome, verdict?.kind ?? 'ok');
    else if (isPrinted !== true) await printResult(outcome.reply, prepared, outcome.text);
    const isAsItCame = output.format === 'json' && output.query === undefined && !output.envelope;
    if (!isAsItCame && outcome.text !== undefined) await noteRounded(outcome.text, io);
    if (prepared.isCut && !prepared.all) noteCut(outcome.reply, io);
    if (prepared.action.endsWith('/list')) warnOfWeight(outcome.text, io);
    if (verdict === undefined) return outcome.reply;
    ending = verdict;
  } catch (error) {
    if (error instanceof Failure) await failed(prepared, lazy, error);
    throw error;
  }
  throw ending;
}

async function failed(prepared: Prepared, lazy: LazyConversation, error: Failure): Promise<void> {
  if (lazy.current !== undefined && error.kind !== 'usage') tellServer(lazy.current, prepared);
  if (!prepared.output.envelope || error.kind === 'usage') return;
  const request = error.request ?? { action: prepared.action, ...prepared.payload };
  await printEnvelope(prepared, lazy, { request, reply: error.reply ?? null, replyMs: null }, error.kind);
}

/** Whether the action is sent by an authenticated session; unknown actions are, when there is a token. */
export function needsToken(action: string, payload: Frame = {}): 'yes' | 'no' | 'maybe' {
  if (action === 'authenticate') return payload['token'] === undefined ? 'yes' : 'no';
  if (!isAction(action)) return 'maybe';
  return schemaOf(action)['x-permission'] === undefined ? 'no' : 'yes';
}

async function exchange(conversation: Conversation, prepared: Prepared): Promise<Exchanged> {
  const { connection } = conversation;
  const { action, payload, requestId } = prepared;
  if (action === 'authenticate')
    return { outcome: await connection.request(action, { token: conversation.token(), ...payload }, { requestId }) };
  if (prepared.wait !== undefined) {
    const { insertAndWait } = await import('./insertWait.ts');
    return insertAndWait(conversation, prepared);
  }
  await warnOfSubscribe(prepared, conversation);
  if (!prepared.all) return { outcome: await connection.request(action, payload, { requestId }) };
  const { fetchAll } = await import('./fetchAll.ts');
  return fetchAll(connection, prepared);
}

/** Warns of a raw subscribe that may harm the server; it is sent all the same. */
async function warnOfSubscribe({ action, payload, io }: Prepared, conversation: Conversation): Promise<void> {
  if (!action.endsWith('/subscribe')) return;
  const { subscribeWarning } = await import('./subscribeWarning.ts');
  const warning = subscribeWarning(action, payload, conversation.token());
  if (warning !== undefined) io.warn(warning);
}

function refuseLarge(prepared: Prepared): void {
  const problem = largeProblem(prepared.action, prepared.payload);
  if (problem === undefined) return;
  if (prepared.values.allowLarge === true) return prepared.io.danger(dangers.large);
  throw new Failure('invalid', problem, {
    action: prepared.action,
    hint: 'A message near 1 MiB makes a default DeviceHive stop answering everyone. Send less, or add --allow-large where the server is known to bear it.',
  });
}

async function printFrame(prepared: Prepared): Promise<void> {
  const { redactFrame } = await import('../../protocol/redaction.ts');
  const { action, output, requestId = 1 } = prepared;
  const frame = { action, requestId, ...(await firstPayload(prepared)) };
  const format = output.format === 'text' || output.format === 'csv' ? 'json' : output.format;
  await printResult(redactFrame(frame), { ...prepared, output: { ...output, format } });
}

/** Returns the fields of the first frame; the token in force is not even looked for. */
async function firstPayload(prepared: Prepared): Promise<Frame> {
  if (prepared.action === 'authenticate') return { token: '***', ...prepared.payload };
  if (!prepared.all) return prepared.payload;
  const { firstPage } = await import('./fetchAll.ts');
  return firstPage(prepared);
}

interface FailedOutcome {
  readonly request: Frame;
  readonly reply: Frame | null;
  readonly replyMs: null;
}

async function printEnvelope(
  prepared: Prepared,
  { current, server }: LazyConversation,
  outcome: PrintedExchange | FailedOutcome,
  name: string,
): Promise<void> {
  const { redactFrame } = await import('../../protocol/redaction.ts');
  const { connectMs = null, authMs = null } = current?.connection.timing ?? {};
  const envelope = {
    request: redactFrame(outcome.request),
    reply: outcome.reply,
    outcome: name,
    timing: { connectMs: rounded(connectMs), authMs: rounded(authMs), replyMs: rounded(outcome.replyMs) },
    server,
  };
  await printResult(envelope, prepared);
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1000) / 1000;
}

/** Notes that the server cut a list at 20, its default when no number is asked for. */
function noteCut(reply: Frame, io: Io): void {
  const list = Object.values(reply).find((part) => Array.isArray(part));
  if (Array.isArray(list) && list.length === defaultTake) {
    io.note(
      `the server cuts lists at ${defaultTake} unless told otherwise; there may be more: --take N, or --all for everything`,
    );
  }
}

const defaultTake = 20;

/** Warns of a long reply: a little longer, and it would have stopped the server. */
function warnOfWeight(text: string | undefined, io: Io): void {
  const bytes = text === undefined ? 0 : Buffer.byteLength(text);
  if (bytes <= mostReplyBytes) return;
  io.warn(
    `this reply took ${Math.ceil(bytes / 1024)} KiB: one of 1 MiB makes a default DeviceHive stop answering everyone; ask for fewer, or for --all, which comes in pieces`,
  );
}

/** Returns a request's payload as a frame. Throws an invalid `Failure` unless it is a JSON object. */
export function payloadFrame(value: unknown, at: string): Frame {
  if (isFrame(value)) return value;
  throw new Failure('invalid', `${at} must be a JSON object`, { hint: 'Such as {"deviceId": "d1"}.' });
}
