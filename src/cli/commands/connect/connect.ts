import { Failure } from '../../../errors.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { PushStream, type StreamEnd } from '../../printing/pushStream.ts';
import { contextOf } from '../../target/context.ts';
import { tellServer } from '../../target/conversation.ts';
import { confirmServer } from '../../target/projectServer.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { WatchIo } from '../../terminal/watchIo.ts';
import { framePrinter } from './framePrinter.ts';
import { pipedLines } from './pipedLines.ts';
import { KeptSession } from './session.ts';
import { LineRunner } from './lineRunner.ts';

/** How long an ended session waits for its output to be read, in ms. */
const lastOutputMs = 2000;

/** `devicehive connect`: one connection for typed or piped lines, until the input ends. */
export async function connectSession(given: FlagContext<CommonValues>): Promise<void> {
  const { io, values } = given;
  if (values.token === '-')
    throw new Failure('usage', '--token - reads stdin, which the lines of a session come from', {
      hint: 'Give the token with --token-file.',
    });
  const context = await contextOf(given);
  await confirmServer(context);
  const end = new AbortController();
  const stop = () => end.abort(new Failure('interrupted', 'the session was stopped'));
  const stream = new PushStream(
    (why) => end.abort(why),
    () => io.err(''),
  );
  const sessionIo = new WatchIo(io, io.signal, (text) => stream.write(text));
  const sessionContext = { ...context, io: sessionIo };
  const print = await framePrinter(sessionContext);
  const session = await KeptSession.open(sessionContext, {
    onPush: (push) => void print(push),
    onEnd: (failure) => end.abort(failure),
  });
  io.signal.addEventListener('abort', stop, { once: true });
  if (io.signal.aborted) stop();
  const runner = new LineRunner(session, print, sessionContext);
  try {
    tellServer(session.conversation, context);
    if (io.stdinIsTerminal && io.stderrIsTerminal) {
      const { converse } = await import('./typedLines.ts');
      await converse(runner, io, end.signal);
    } else for await (const line of pipedLines(end.signal)) if (!(await runner.take(line))) break;
  } finally {
    io.signal.removeEventListener('abort', stop);
    await session.close();
  }
  const lost = await stream.flushed(AbortSignal.any([io.signal, AbortSignal.timeout(lastOutputMs)]));
  conclude(end.signal, lost, runner);
}

/** Throws what ended the session, or the failure of its lines; returns if all succeeded. */
function conclude({ aborted, reason }: AbortSignal, lost: Failure | undefined, runner: LineRunner): void {
  const ending = reason as StreamEnd | undefined;
  if (lost !== undefined) throw lost;
  if (aborted && ending instanceof Error) throw ending;
  if (runner.failures === 0) return;
  throw new Failure('partial', `${runner.failures} of ${runner.lines} lines did not succeed`, {
    hint: 'Each was told as it happened.',
  });
}
