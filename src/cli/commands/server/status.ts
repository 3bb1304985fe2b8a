import { askBackend, connect, nowMs, type BackendAnswer } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import { closeConversation, openConversation, type Conversation } from '../../target/conversation.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import { durationMs } from '../../terminal/durations.ts';
import type { Io } from '../../terminal/io.ts';
import { printResult } from '../../printing/output.ts';
import { contextOf, type TargetContext } from '../../target/context.ts';
import { longWait } from '../../terminal/waiting/longWait.ts';
import { pause } from '../../terminal/waiting/pause.ts';
import { connectingSoon, type RequestSettings } from '../../target/settings.ts';
import type { CommonValues } from '../../target/serverName.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** What the server says about itself, and how fast frontend and backend answered. */
type Status = Readonly<Record<string, unknown>>;

const firstPauseMs = 50;
const longestPauseMs = 1000;
/** After this time in ms the question is repeated with twice the time: a starting backend may lose requests. */
const firstTryMs = 2000;

/** `devicehive server status`: asks frontend and backend one question each; with `--wait` repeats until both answer. */
export async function serverStatus(given: FlagContext<CommonValues & { readonly wait?: string }>): Promise<void> {
  const context = await contextOf(connectingSoon(given));
  const { io } = context;
  const { wait } = context.values;
  const ask = () => (wait === undefined ? status(context) : statusWithin(wait, context));
  return printResult(await longWait(io, 'waiting for the server to answer', ask), context);
}

async function statusWithin(wait: string, context: TargetContext): Promise<Status> {
  const deadlineMs = nowMs() + durationMs(wait, '--wait');
  let tryMs = firstTryMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await status({ ...context, settings: within(context.settings, deadlineMs, tryMs) });
    } catch (error) {
      if (!(error instanceof Failure) || !mayComeUp(error)) throw error;
      if (error.kind === 'timeout') tryMs *= 2;
      if (nowMs() + pauseMs > deadlineMs) throw notInTime(wait, error);
      await pause(pauseMs, context.io.signal, 'stopped while waiting for the server');
    }
  }
}

/** Limits a try to the time left for waiting. */
function within(settings: RequestSettings, deadlineMs: number, tryMs: number): RequestSettings {
  const leftMs = Math.max(1, deadlineMs - nowMs());
  const { connectTimeoutMs, timeoutMs } = settings;
  return {
    ...settings,
    connectTimeoutMs: Math.min(connectTimeoutMs, leftMs),
    timeoutMs: Math.min(timeoutMs, leftMs, tryMs),
  };
}

function notInTime(wait: string, last: Failure): Failure {
  const what = last.serverState === undefined ? 'no server answered' : 'the server did not recover';
  return new Failure(last.kind, `${what} within ${wait}: ${last.message}`, {
    hint: last.hint ?? '',
    serverState: last.serverState,
    cause: last,
  });
}

/**
 * True for failures that waiting may cure: a named server may come up, and so may a local one that is not there yet.
 */
function mayComeUp({ kind, message }: Failure): boolean {
  return kind === 'connect' || kind === 'timeout' || (kind === 'usage' && message.startsWith('no DeviceHive server'));
}

async function status(context: TargetContext): Promise<Status> {
  const { io } = context;
  const conversation = await openConversation('no', context);
  try {
    const { reply, replyMs } = await conversation.connection.request('server/info', {});
    const backend = await backendOf(conversation, io);
    return {
      url: withoutUrlSecrets(conversation.connection.url),
      ...(reply['info'] as object),
      replyMs: rounded(replyMs),
      backendMs: backend === undefined ? null : rounded(backend.replyMs),
    };
  } finally {
    await closeConversation(conversation);
  }
}

/** Asks the backend a question. That needs a token; without one only the frontend is checked. */
async function backendOf({ options, credentials }: Conversation, io: Io): Promise<BackendAnswer | undefined> {
  const notAsked = (why: string) => {
    io.note(`the backend was not asked: ${why}`);
    return undefined;
  };
  try {
    await using connection = await connect({ ...options, credentials });
    if (connection.timing.authMs === null) return notAsked('that needs a token');
    return (await askBackend(connection)) ?? notAsked(mayNotAsk);
  } catch (error) {
    if (!(error instanceof Failure) || !['auth', 'refused'].includes(error.kind)) throw error;
    return notAsked(error.message);
  }
}

const mayNotAsk = 'the token permits no count of devices, networks, device types or users';

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
