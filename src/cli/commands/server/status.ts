import { Failure } from '../../../errors.ts';
import { closeConversation, openConversation } from '../../target/conversation.ts';
import { durationMs } from '../../terminal/durations.ts';
import type { Io } from '../../terminal/io.ts';
import { outputOf, printResult } from '../../printing/output.ts';
import { pause } from '../../terminal/pause.ts';
import { requestSettings, type CommonValues, type RequestSettings } from '../../target/settings.ts';

const firstPauseMs = 50;
const longestPauseMs = 1000;

/** `devicehive server status`: asks `server/info`; with `--wait` again and again until a server answers, at most that long. */
export async function serverStatus(values: CommonValues & { readonly wait?: string }, io: Io): Promise<void> {
  const output = await outputOf(values, io);
  const settings = requestSettings(values, io);
  if (values.wait === undefined) return printResult(await status(values, settings, io), output, values, io);
  const deadlineMs = Date.now() + durationMs(values.wait, '--wait');
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await printResult(await status(values, within(settings, deadlineMs), io), output, values, io);
    } catch (error) {
      if (!(error instanceof Failure) || !mayComeUp(error)) throw error;
      if (Date.now() + pauseMs > deadlineMs) throw notInTime(values.wait, error);
      await pause(pauseMs, io.signal, 'stopped while waiting for the server');
    }
  }
}

/** No try lasts longer than what is left of the wait. */
function within(settings: RequestSettings, deadlineMs: number): RequestSettings {
  const leftMs = Math.max(1, deadlineMs - Date.now());
  const { connectTimeoutMs, timeoutMs } = settings;
  return { ...settings, connectTimeoutMs: Math.min(connectTimeoutMs, leftMs), timeoutMs: Math.min(timeoutMs, leftMs) };
}

function notInTime(wait: string, last: Failure): Failure {
  return new Failure(last.kind, `no server answered within ${wait}: ${last.message}`, {
    hint: last.hint ?? '',
    cause: last,
  });
}

/** A server that is not there yet, or does not answer yet, may come; one that is not even named will not, but for a local one. */
function mayComeUp({ kind, message }: Failure): boolean {
  return kind === 'connect' || kind === 'timeout' || (kind === 'usage' && message.startsWith('no DeviceHive server'));
}

async function status(values: CommonValues, settings: RequestSettings, io: Io): Promise<Record<string, unknown>> {
  const conversation = await openConversation(values, settings, 'no', io);
  try {
    const { reply, replyMs } = await conversation.connection.request('server/info', {});
    return {
      url: conversation.connection.url,
      ...(reply['info'] as object),
      replyMs: Math.round(replyMs * 1000) / 1000,
    };
  } finally {
    await closeConversation(conversation);
  }
}
