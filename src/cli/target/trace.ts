import { appendFileSync, closeSync, fchmodSync, fstatSync, openSync } from 'node:fs';
import type { TraceEvent } from '../../client/index.ts';
import { Failure } from '../../errors.ts';
import { fileReason } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { safeLine } from '../terminal/safeText.ts';
import type { CommonValues } from './serverName.ts';
import type { FlagContext } from '../flags/sharedValues.ts';

const marks: Readonly<Record<TraceEvent['kind'], string>> = { opened: '*', sent: '>', received: '<', closed: '*' };

/** Files that this process has begun: who connects again goes on where the last connection ended. */
const begun = new Set<string>();

/**
 * Shows every frame on stderr (`--verbose`), records it in a file (`--trace-file`), or both; the client has redacted
 * it.
 */
export function tracer({ io, values }: FlagContext<CommonValues>): (event: TraceEvent) => void {
  const file = values.traceFile;
  if (file !== undefined && !begun.has(file)) prepare(file);
  let isWritable = true;
  return (event) => {
    if (values.verbose === true) io.log(`${marks[event.kind]} ${safeLine(describe(event))}`);
    if (file !== undefined && isWritable) isWritable = append(file, event, io);
  };
}

/** A trace that cannot be written is given up; what it records goes on. */
function append(file: string, event: TraceEvent, io: Io): boolean {
  try {
    appendFileSync(file, `${JSON.stringify(record(event))}\n`);
    return true;
  } catch (error) {
    io.warn(`the trace ends here: cannot write '${file}': ${fileReason(error)}`);
    return false;
  }
}

/** The file is made readable for its owner only, and emptied. */
function prepare(file: string): void {
  try {
    const handle = openSync(file, 'w', 0o600);
    if (fstatSync(handle).isFile()) fchmodSync(handle, 0o600);
    closeSync(handle);
    begun.add(file);
  } catch (error) {
    throw new Failure('usage', `--trace-file: cannot write '${file}': ${fileReason(error)}`, {
      hint: 'Choose another file.',
      cause: error,
    });
  }
}

function describe(event: TraceEvent): string {
  if (event.kind === 'opened') return `connected to ${event.url}`;
  if (event.kind === 'closed')
    return `closed with code ${event.code ?? 1006}${event.reason === undefined || event.reason === '' ? '' : `: ${event.reason}`}`;
  return event.text ?? '';
}

function record(event: TraceEvent): Readonly<Record<string, unknown>> {
  const { kind, atMs, connection, url, text, bearer, code, reason } = event;
  return {
    at: timeOf(atMs),
    connection,
    kind,
    url,
    ...(text === undefined ? {} : { text }),
    ...(bearer === undefined ? {} : { bearer }),
    ...(code === undefined ? {} : { code, reason }),
  };
}

/** ISO 8601 with microseconds: replies on one machine take less than a millisecond. */
function timeOf(atMs: number): string {
  const micros = Math.floor((atMs % 1) * 1000);
  return new Date(atMs).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
}
