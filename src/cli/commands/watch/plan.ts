import { Failure } from '../../../errors.ts';
import type { Frame, SubscribeAction } from '../../../protocol/frames.ts';
import { problemsOf } from '../../../protocol/validation.ts';
import { jmespathOf } from '../../printing/jmespath.ts';
import { readPayload } from '../../request/requestCommand.ts';
import { readWholeNumber } from '../../flags/wholeNumber.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { durationMs } from '../../terminal/durations.ts';
import { optionalMs } from '../../request/waitFor.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** The flags of `watch`, as commander leaves them. */
export interface WatchValues extends CommonValues {
  readonly device?: readonly string[];
  readonly count?: string;
  readonly for?: string;
  readonly until?: string;
  readonly since?: string;
  readonly reconnect?: string;
  readonly readyFile?: string;
  readonly exec?: string;
  readonly concurrency?: string;
}

/** How long to try to connect again by default, in ms: a small server restarts faster. */
const usualReconnectMs = 60_000;

/** The beginning of a replay. */
export type Since = { readonly kind: 'ago'; readonly ms: number } | { readonly kind: 'at'; readonly timestamp: string };

/** The program to run for each message, and how many at a time. */
export interface ExecPlan {
  readonly noun: 'command' | 'notification';
  readonly command: string;
  readonly concurrency: number;
}

/** The subscriptions of a watch, and when it ends. */
export interface WatchPlan {
  readonly action: SubscribeAction;
  /** The subscribe frame, or the first of several. */
  readonly payload: Frame;
  /** One subscribe for each named device, or one for all. */
  readonly payloads: readonly Frame[];
  /** True if updates of commands are pushed. */
  readonly isUpdates: boolean;
  readonly since: Since | undefined;
  readonly count: number | undefined;
  readonly forMs: number | undefined;
  /** True for a push that ends the watch, as --until says. */
  readonly until: ((push: Frame) => boolean) | undefined;
  /** How long to try to reconnect, in ms; Infinity for ever. */
  readonly reconnectMs: number;
  readonly readyFile: string | undefined;
  readonly exec: ExecPlan | undefined;
}

/** Reads the flags of `watch`. Throws a `Failure`: `usage` or `invalid`. */
export async function watchPlan(action: SubscribeAction, context: FlagContext<WatchValues>): Promise<WatchPlan> {
  const { values } = context;
  const own = {
    count: values.count === undefined ? undefined : positive(values.count, '--count'),
    forMs: optionalMs(values.for, '--for'),
    until: values.until === undefined ? undefined : await condition(values.until),
    since: values.since === undefined ? undefined : sinceOf(values.since, action),
    reconnectMs: reconnectMs(values.reconnect),
    readyFile: values.readyFile,
    exec: execOf(action === 'command/subscribe' ? 'command' : 'notification', values),
  };
  const payloads = await readPayloads(action, context);
  const [payload = {}] = payloads;
  const isUpdates = payload['returnUpdatedCommands'] === true;
  refuseContradictions(own, payload, isUpdates);
  return { action, payload, payloads, isUpdates, ...own };
}

async function readPayloads(action: SubscribeAction, context: FlagContext<WatchValues>): Promise<readonly Frame[]> {
  const { device: devices, ...values } = context.values;
  if (devices === undefined) return [await readPayload(action, { ...context, values })];
  const payloads: Frame[] = [];
  for (const device of new Set(devices)) {
    const one = { ...values, device };
    payloads.push(await readPayload(action, { ...context, values: one }));
  }
  return payloads;
}

function refuseContradictions(own: Pick<WatchPlan, 'since' | 'exec'>, payload: Frame, isUpdates: boolean): void {
  if (own.exec !== undefined && isUpdates)
    throw new Failure('usage', '--exec answers new commands, --updates shows none', {
      hint: 'Leave one of them away.',
    });
  if (own.since === undefined) return;
  if (payload['timestamp'] !== undefined)
    throw new Failure('usage', '--since and --timestamp say the same', { hint: 'Give one of them.' });
  if (payload['deviceId'] === undefined)
    throw new Failure('usage', '--since needs --device: DeviceHive replays what one device got or sent, nothing else', {
      hint: 'Add --device, or leave --since away.',
    });
}

function execOf(noun: ExecPlan['noun'], { exec, concurrency }: WatchValues): WatchPlan['exec'] {
  if (exec === undefined) {
    if (concurrency === undefined) return undefined;
    throw new Failure('usage', '--concurrency means something only with --exec', {
      hint: 'Add --exec, or leave it out.',
    });
  }
  if (exec.trim() === '')
    throw new Failure('usage', '--exec must not be empty', { hint: 'Such as --exec ./reboot.sh.' });
  return { noun, command: exec, concurrency: concurrency === undefined ? 1 : positive(concurrency, '--concurrency') };
}

function reconnectMs(text: string | undefined): number {
  if (text === undefined) return usualReconnectMs;
  return text === 'forever' ? Infinity : durationMs(text, '--reconnect');
}

function positive(text: string, at: string): number {
  return readWholeNumber(text, at, { least: 1, hint: `Write ${at} 3.` });
}

function sinceOf(text: string, action: SubscribeAction): Since {
  if (/^[\d.]+(ms|s|m|h|d)/.test(text)) return { kind: 'ago', ms: durationMs(text, '--since') };
  const timestamp = /^\d+$/.test(text) ? Number(text) : text;
  const [problem] = problemsOf(action, { timestamp });
  if (problem === undefined) return { kind: 'at', timestamp: text };
  if (problem.message.startsWith('looks like'))
    throw new Failure('usage', `--since ${problem.message}`, { hint: 'Or a duration, such as 60s.' });
  throw new Failure('usage', `--since must be a duration or a time, not '${cutText(text)}'`, {
    hint: 'Such as 60s, or 2026-11-22T22:13:45.123.',
  });
}

/**
 * Returns a condition that is true as in JMESPath: not null, false or empty. A push that the expression does not fit is
 * false.
 */
async function condition(expression: string): Promise<(push: Frame) => boolean> {
  const search = await jmespathOf(expression, '--until', "Such as --until 'notification.parameters.value > `30`'.");
  return (push) => {
    try {
      return isTruthy(search(push));
    } catch {
      return false;
    }
  };
}

function isTruthy(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
