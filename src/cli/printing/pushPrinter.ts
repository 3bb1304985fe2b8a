import { isFrame, type Frame, type PushFrame } from '../../protocol/frames.ts';
import type { PrintContext } from './output.ts';
import { safeLine } from '../terminal/safeText.ts';
import { streamPrinter, type Paint, type Print } from './streamPrinter.ts';

/** Returns a printer of pushes: as they came, or as readable lines; with `--envelope`, with their time of arrival. */
export async function pushPrinter(context: PrintContext): Promise<Print<PushFrame>> {
  if (!context.output.envelope) return streamPrinter(context, pushLine, 'pushes');
  const bare = { ...context, output: { ...context.output, envelope: false } };
  const print = await streamPrinter<ReceivedPush>(bare, receivedLine, 'pushes');
  return (push) => print({ receivedAt: new Date().toISOString(), push });
}

/** A push in its envelope. */
interface ReceivedPush extends Frame {
  /** When this process got it, by the clock of this machine: ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly push: PushFrame;
}

function receivedLine({ receivedAt, push }: ReceivedPush, paint: Paint): string {
  return `${paint.yellow(receivedAt)}  ${pushLine(push, paint)}`;
}

/** Returns a push as a line: time, device, name, id, then status, parameters and result if present. */
export function pushLine(push: PushFrame, paint: Paint): string {
  const resource = push['command'] ?? push['notification'];
  if (!isFrame(resource)) return safeLine(JSON.stringify(push));
  const isUpdate = push.action === 'command/update';
  const name = resource['command'] ?? resource['notification'] ?? null;
  const parts = [
    paint.dim(text(isUpdate ? resource['lastUpdated'] : resource['timestamp'])),
    text(resource['deviceId']),
    paint.cyan(text(name)),
    paint.dim(`#${text(resource['id'])}`),
    ...details(resource, isUpdate, paint),
  ];
  return parts.join('  ');
}

function details({ status, parameters, result }: Frame, isUpdate: boolean, paint: Paint): string[] {
  const given = (value: unknown) => value !== null && value !== undefined;
  return [
    ...(given(status) ? [paint.green(text(status))] : []),
    ...(given(parameters) && !isUpdate ? [text(parameters)] : []),
    ...(given(result) ? [`${isUpdate ? '' : 'result '}${text(result)}`] : []),
  ];
}

function text(value: unknown): string {
  return safeLine(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}
