import type { Frame, PushFrame } from '../../../protocol/frames.ts';
import type { PrintContext } from '../../printing/output.ts';
import { pushLine } from '../../printing/pushPrinter.ts';
import { streamPrinter, type Paint, type Print } from '../../printing/streamPrinter.ts';
import { safeLine } from '../../terminal/safeText.ts';

/** Returns a printer for a session's replies and pushes: as they came, a frame a line, or as readable lines. */
export function framePrinter(context: PrintContext): Promise<Print<Frame>> {
  const { output } = context;
  // with ndjson, the items of one list would look like several replies
  const format = output.format === 'ndjson' ? 'json' : output.format;
  return streamPrinter({ ...context, output: { ...output, format } }, frameLine, 'replies and pushes');
}

function frameLine(frame: Frame, paint: Paint): string {
  return frame['status'] === undefined ? pushLine(frame as PushFrame, paint) : replyLine(frame, paint);
}

/** Returns a reply as a line: success or failure, the action, then all other fields. */
function replyLine({ action, requestId: _requestId, status, code, error, ...rest }: Frame, paint: Paint): string {
  const isSuccess = status === 'success';
  const name = shown(action);
  const more = Object.keys(rest).length === 0 ? '' : `  ${safeLine(JSON.stringify(rest))}`;
  if (isSuccess) return `${paint.green('ok')}  ${paint.cyan(name)}${more}`;
  return `${paint.red('error')}  ${paint.cyan(name)}  ${[code, error].map(shown).join(' ').trim()}${more}`;
}

function shown(value: unknown): string {
  return safeLine(typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value));
}
