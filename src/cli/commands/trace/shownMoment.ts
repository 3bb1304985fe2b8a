import type { Frame } from '../../../protocol/frames.ts';
import { cutText } from '../../terminal/safeText.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import type { Paint } from '../../printing/streamPrinter.ts';
import type { TraceMoment } from './moments.ts';

/** The most characters of a frame in a line. */
const shownLength = 160;

/**
 * Returns a moment as a record: its time, its subject and the whole frame. Times in milliseconds, offsets from the
 * start of the trace.
 */
export function momentRecord(moment: TraceMoment, startMs: number): Frame {
  const { kind, line, connection, atMs } = moment;
  return { kind, line, offsetMs: rounded(atMs - startMs), connection, ...details(moment) };
}

function details(moment: TraceMoment): Frame {
  switch (moment.kind) {
    case 'opened':
      return { url: moment.url };
    case 'closed':
      return { code: moment.code, reason: moment.reason };
    case 'noise':
      return { reason: moment.reason, text: moment.text };
    case 'request':
      return { action: moment.action, requestId: moment.frame['requestId'], frame: moment.frame };
    case 'reply': {
      const { request, replyMs, frame } = moment;
      const { requestId, status, code, error } = frame;
      const failure = status === 'success' ? {} : { code, error };
      return { action: request.action, requestId, status, ...failure, replyMs: rounded(replyMs), frame };
    }
    case 'silence': {
      const { request, waitedMs } = moment;
      const { action, frame } = request;
      return { action, requestId: frame['requestId'], waitedMs: rounded(waitedMs), frame };
    }
    case 'push': {
      const { frame } = moment;
      return { action: frame.action, subscriptionId: frame.subscriptionId, frame };
    }
  }
}

/** Rounds to µs. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Returns a moment as a line: time since the start, connection if there are several, direction, and content. */
export function momentLine(record: Frame, paint: Paint): string {
  const { offsetMs, connection } = record;
  const time = `${(Number(offsetMs) / 1000).toFixed(3)} s`.padStart(11);
  const number = connection === 1 || connection === undefined ? '' : ` [${word(connection)}]`;
  return `${paint.dim(time + number)}  ${said(record, paint)}`.trimEnd();
}

function said(record: Frame, paint: Paint): string {
  const { kind, action, requestId, url, code, reason, text } = record;
  const name = `${paint.cyan(word(action))} ${paint.dim(`#${word(requestId)}`)}`;
  switch (kind) {
    case 'opened':
      return `* connected to ${word(url)}`;
    case 'closed':
      return `* closed with code ${word(code)}${reason === '' ? '' : `: ${word(reason)}`}`;
    case 'request':
      return `> ${name}  ${rest(record['frame'])}`;
    case 'reply':
      return `< ${name}  ${replied(record, paint)}`;
    case 'silence':
      return `${paint.yellow('! no reply')} to ${name} within ${spokenDuration(Number(record['waitedMs']))}`;
    case 'push':
      return `< push ${paint.cyan(word(action))} ${paint.dim(`for ${word(record['subscriptionId'])}`)}  ${rest(record['frame'])}`;
    default:
      return `< ${paint.yellow('noise')}: ${word(reason)}: ${word(text)}`;
  }
}

function replied({ status, code, error, replyMs, frame }: Frame, paint: Paint): string {
  const time = paint.dim(`after ${String(replyMs)} ms`);
  if (status === 'success') return `${paint.green('success')} ${time}  ${rest(frame)}`;
  return `${paint.red(`${word(status)} ${word(code)}`)} ${time}  ${word(error)}`;
}

/** Returns the fields of a frame that its line does not show otherwise. */
function rest(frame: unknown): string {
  const { action: _action, requestId: _id, status: _status, subscriptionId: _sub, ...fields } = frame as Frame;
  return Object.keys(fields).length === 0 ? '' : cutText(JSON.stringify(fields), shownLength);
}

function word(value: unknown): string {
  return cutText(typeof value === 'string' ? value : JSON.stringify(value ?? null), shownLength);
}
