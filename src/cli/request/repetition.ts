import { resolve } from 'node:path';
import { Failure, reworded } from '../../errors.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { largeProblem } from '../../protocol/limits.ts';
import { own } from '../../protocol/own.ts';
import { payloadSeries, tableOf, type CsvTable, type PayloadSeries } from '../../simulate/index.ts';
import { dangers } from '../flags/dangers.ts';
import { readWholeNumber } from '../flags/wholeNumber.ts';
import { streamPrinter, type Paint } from '../printing/streamPrinter.ts';
import type { Context } from '../target/context.ts';
import { tellServer, type LazyConversation } from '../target/conversation.ts';
import type { CommonValues } from '../target/serverName.ts';
import { durationMs } from '../terminal/durations.ts';
import { fileReason, readText } from '../terminal/files.ts';
import { cutText } from '../terminal/safeText.ts';
import { pause } from '../terminal/waiting/pause.ts';
import type { RepeatValues } from './repeatOptions.ts';

/** An insert that is sent again and again. */
export interface Repeated extends Context<CommonValues & RepeatValues & { readonly wait?: unknown }> {
  readonly action: string;
  readonly payload: Frame;
}

/**
 * Sends an insert `--count` times (until a signal without it), one each `--every`, with new generated values each time,
 * and prints each reply. One that is late is sent at once. With `--dry-run` prints the frames, or the first one if the
 * number is unlimited. Throws the first failure.
 */
export async function sendRepeated(lazy: LazyConversation, repeated: Repeated): Promise<void> {
  const { io, values } = repeated;
  refuseOthers(repeated);
  const isDry = values.dryRun === true;
  const count = values.count === undefined ? Infinity : readWholeNumber(values.count, '--count', countRange);
  const everyMs = values.every === undefined ? 0 : durationMs(values.every, '--every');
  const payloads = payloadsOf(repeated);
  const print = await printer(repeated);
  const originMs = Date.now();
  const startMs = performance.now();
  for (let index = 0; index < (isDry && count === Infinity ? 1 : count); index++) {
    const waitMs = isDry ? 0 : startMs + index * everyMs - performance.now();
    if (waitMs > 0) await pause(waitMs, io.signal, stoppedAfter(index, count));
    if (io.signal.aborted) throw new Failure('interrupted', stoppedAfter(index, count));
    const payload = payloads(index * everyMs, originMs);
    refuseLarge(payload, repeated);
    if (isDry) await print({ action: repeated.action, requestId: index + 1, ...payload });
    else await print(await inserted(lazy, payload, { ...repeated, index, count }));
  }
}

const countRange = { least: 1, most: 999_999_999, hint: 'Write --count 10.' };

function stoppedAfter(index: number, count: number): string {
  return `stopped after ${index}${count === Infinity ? '' : ` of ${count}`}`;
}

/** Refuses flags that are about one request only. */
function refuseOthers({ values }: Repeated): void {
  const flag = values.requestId === undefined ? (values.wait === undefined ? undefined : '--wait') : '--request-id';
  if (flag === undefined) return;
  const hint = 'Leave --count and --every away, or that flag.';
  throw new Failure('usage', `${flag} is about one request, and --count or --every sends several`, { hint });
}

async function inserted(
  lazy: LazyConversation,
  payload: Frame,
  { action, index, count, ...context }: Repeated & { readonly index: number; readonly count: number },
): Promise<Frame> {
  try {
    const conversation = await lazy.open();
    if (index === 0) tellServer(conversation, context);
    return (await conversation.connection.request(action, payload)).reply;
  } catch (error) {
    if (!(error instanceof Failure) || index === 0) throw error;
    const of = count === Infinity ? '' : ` of ${count}`;
    throw reworded(error, `${error.message}; ${index}${of} were inserted before`);
  }
}

/** Returns what makes the next payload. Throws an invalid `Failure` for parameters that are no template. */
function payloadsOf({ action, payload, io }: Repeated): (atMs: number, originMs: number) => Frame {
  const resource = action.split('/')[0] ?? '';
  const message = own(payload, resource);
  if (!isFrame(message) || !isFrame(message['parameters'])) return () => payload;
  const series = payloadSeries(message['parameters'], 'parameters', (file) => table(resolve(io.cwd, file)));
  if (!isSeries(series)) {
    const [first] = series;
    const problems = series.map(({ at, message: what }) => ({ at: `--${at}`, message: what }));
    throw new Failure('invalid', `--${first?.at ?? ''} ${first?.message ?? ''}; nothing was sent`, {
      hint: 'Generators are written as in plans: devicehive schema show plan',
      problems,
    });
  }
  return (atMs, originMs) => ({
    ...payload,
    [resource]: { ...message, parameters: series.next(atMs, originMs) },
  });
}

function isSeries(series: ReturnType<typeof payloadSeries>): series is PayloadSeries {
  return !Array.isArray(series);
}

function table(file: string): CsvTable | string {
  try {
    return tableOf(readText(file, cutText(file, 200)));
  } catch (error) {
    return error instanceof Failure ? error.message : `cannot be read: ${fileReason(error)}`;
  }
}

function refuseLarge(payload: Frame, { action, values, io }: Repeated): void {
  const problem = largeProblem(action, payload);
  if (problem === undefined) return;
  if (values.allowLarge === true) return io.danger(dangers.large);
  const hint = 'Send less, or add --allow-large where the server is known to bear it.';
  throw new Failure('invalid', problem, { action, hint });
}

/** Prints replies, or frames: a line each. */
function printer(context: Repeated): Promise<(frame: Frame) => Promise<void>> {
  const { output, values } = context;
  const isFrames = values.dryRun === true && output.format === 'text';
  const shown = isFrames ? { ...output, format: 'json' as const } : output;
  return streamPrinter({ ...context, output: shown }, replyLine, isFrames ? 'frames' : 'replies');
}

function replyLine(reply: Frame, paint: Paint): string {
  const [message = {}] = Object.values(reply).filter(isFrame);
  const word = (value: unknown) => cutText(typeof value === 'string' ? value : JSON.stringify(value ?? null));
  return `${paint.green(word(reply['status']))}  ${paint.dim(`#${word(message['id'])}`)}  ${word(message['timestamp'])}`;
}
