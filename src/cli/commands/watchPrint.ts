import { Failure } from '../../errors.ts';
import { isFrame, type Frame, type PushFrame } from '../../protocol/frames.ts';
import type { Io } from '../io.ts';
import { printResult, type Output } from '../output.ts';
import { safeLine } from '../safeText.ts';
import type { CommonValues } from '../settings.ts';

/** Prints one push. */
export type PrintPush = (push: PushFrame) => Promise<void>;

/** How pushes are printed: as they came, or as readable lines; `--query` takes a part of each (cli.md 4). */
export async function pushPrinter(output: Output, values: CommonValues, io: Io): Promise<PrintPush> {
  if (output.query === undefined && output.format === 'text') {
    const paint = await painter(values, io);
    return (push) => Promise.resolve(io.out(`${line(push, paint)}\n`));
  }
  let isFirst = true;
  let hasFailed = false;
  return async (push) => {
    try {
      if (output.format === 'yaml' && !isFirst) io.out('---\n');
      isFirst = false;
      await printResult(push, output, values, io);
    } catch (error) {
      // One push of another shape must not end a watch, as it would end a request.
      if (!(error instanceof Failure) || error.kind !== 'usage') throw error;
      if (!hasFailed) io.warn(`${error.message}; such pushes are left out`);
      hasFailed = true;
    }
  };
}

type Paint = Readonly<Record<'dim' | 'cyan' | 'yellow' | 'green', (text: string) => string>>;

async function painter(values: CommonValues, io: Io): Promise<Paint> {
  const [{ Chalk }, { colorLevel }] = await Promise.all([import('chalk'), import('../color.ts')]);
  return new Chalk({ level: colorLevel(values, io, io.stdoutIsTerminal) });
}

/** Time, device, name, id, and what else there is: status, parameters and result. */
function line(push: PushFrame, paint: Paint): string {
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
