import { messageOf } from '../errors.ts';
import type { Hive } from './hive.ts';
import type { JsonObject } from './reading/jsonValues.ts';
import { loggable } from './log.ts';
import type { Answer, Refusal } from './outcome.ts';

/** The error text of replies to unexpected failures (PROTOCOL.md 1.5). */
export const accidentText = 'Internal server error';

/** A request as the log names and shows it. */
export interface LoggedRequest {
  /** Name of the request, such as `command/update` or `PUT /dh/rest/device/d1/command/7`. */
  readonly what: string;
  readonly frame: JsonObject;
  /** Section of PROTOCOL.md that describes the behaviour. */
  readonly section?: string;
}

/**
 * Returns the answer to a refused request. Where the real server stays silent, logs why and returns undefined
 * (PROTOCOL.md 7, end).
 */
export function failureReply(
  refusal: Refusal,
  { what, frame, section }: LoggedRequest,
  hive: Hive,
): Answer | undefined {
  if (refusal.kind === 'refused') return refusal.answer;
  if (hive.answerAll) return refusal.instead;
  if (refusal.kind === 'stumbled') return refusal.answer;
  hive.log({
    level: 'warn',
    message: `${what} is left without a reply, as DeviceHive leaves it`,
    frame: loggable(frame),
    reason: `${refusal.answer.code} ${refusal.answer.text ?? ''}`,
    ...(section === undefined ? {} : { section }),
  });
  return undefined;
}

/** Logs an unexpected error with its stack and the request that caused it. */
export function logAccident(error: unknown, hive: Hive, frame?: JsonObject): void {
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  const shown = frame === undefined ? {} : { frame: loggable(frame) };
  hive.log({ level: 'error', message: `an unexpected error: ${messageOf(error)}`, ...shown, ...stack });
}
