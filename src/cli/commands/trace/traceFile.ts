import { Failure } from '../../../errors.ts';
import { isFrame, type Frame } from '../../../protocol/frames.ts';
import { redactText } from '../../../protocol/redaction.ts';
import { Input } from '../../terminal/input.ts';
import { LineSplitter } from '../../terminal/lineSplitter.ts';
import { cutText } from '../../terminal/safeText.ts';

/** One line of a trace file, as `--trace-file` writes it. */
export interface TraceEntry {
  /** Counted from 1. */
  readonly line: number;
  readonly kind: 'opened' | 'sent' | 'received' | 'closed';
  /** Milliseconds since 1970, with a fraction. */
  readonly atMs: number;
  readonly connection: number;
  readonly url: string;
  /** The frame sent or received; empty for other entries. */
  readonly text: string;
  /** Of a sent `authenticate`: the owner of its token, if recorded. */
  readonly bearer: Frame | undefined;
  /** How the connection was closed. */
  readonly code: number | undefined;
  readonly reason: string;
}

/** Longer lines are refused; frames of DeviceHive are far shorter, and so much fits into memory. */
const maxLineBytes = 64 * 1024 * 1024;

/**
 * Reads a trace file as a stream. Throws a usage `Failure`, after yielding all whole entries before, if it cannot be
 * read or is not a trace; an interrupted one on the signal.
 */
export async function* traceEntries(file: string, signal: AbortSignal): AsyncGenerator<TraceEntry, void> {
  const input = await Input.open(file);
  const stop = () => input.stop(new Failure('interrupted', 'stopped while reading the recording'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const lines = new LineSplitter(maxLineBytes);
  let count = 0;
  try {
    for (let isAtEnd = false; !isAtEnd;) {
      const chunk = await input.read();
      isAtEnd = chunk === undefined;
      if (chunk === undefined) lines.end();
      else lines.push(chunk);
      while (lines.next()) {
        if (lines.text === '' && lines.fault === undefined) continue;
        yield entryOf(lines, isAtEnd, file);
        count++;
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    input.close();
  }
  if (count === 0) throw unreadable(file, 'it is empty');
}

function entryOf({ number, text, fault }: LineSplitter, isLast: boolean, file: string): TraceEntry {
  if (fault !== undefined) throw unreadable(file, `line ${number} is ${fault}`);
  const record = parsed(text);
  const entry = record === undefined ? undefined : readEntry(record, number);
  if (entry !== undefined) return entry;
  if (record === undefined && isLast && '{"at":'.startsWith(text.slice(0, 6))) {
    throw unreadable(
      file,
      `its last line, ${number}, is cut off`,
      'What recorded it was ended meanwhile: remove that line.',
    );
  }
  throw unreadable(file, `line ${number} is no entry of a trace: ${cutText(redactText(text))}`);
}

function parsed(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFrame(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Parses a line of a trace. Returns undefined if it is not an entry; traces of one connection need not number it. */
export function readEntry(
  { at, kind, connection = 1, url, text, bearer, code, reason }: Frame,
  line: number,
): TraceEntry | undefined {
  const atMs = typeof at === 'string' ? timeOf(at) : Number.NaN;
  if (Number.isNaN(atMs) || typeof connection !== 'number' || typeof url !== 'string') return undefined;
  const entry = {
    line,
    atMs,
    connection,
    url,
    text: typeof text === 'string' ? text : '',
    bearer: isFrame(bearer) ? bearer : undefined,
    code: typeof code === 'number' ? code : undefined,
    reason: typeof reason === 'string' ? reason : '',
  };
  if (kind === 'opened' || kind === 'closed') return { ...entry, kind };
  return (kind === 'sent' || kind === 'received') && typeof text === 'string' ? { ...entry, kind } : undefined;
}

/** Returns a time in ms with its fraction, which `Date` would drop. */
function timeOf(at: string): number {
  const micros = /\.\d{3}(\d{3})/.exec(at)?.[1];
  return Date.parse(at) + (micros === undefined ? 0 : Number(micros) / 1000);
}

function unreadable(file: string, what: string, hint = 'Name a file that --trace-file wrote.'): Failure {
  return new Failure('usage', `unreadable trace file '${cutText(file, 200)}': ${what}`, { hint });
}
