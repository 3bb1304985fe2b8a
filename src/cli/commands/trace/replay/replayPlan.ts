import { Failure } from '../../../../errors.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import { timestampPattern } from '../../../../protocol/recordings/generaliser.ts';
import { largeProblem } from '../../../../protocol/limits.ts';
import { Logins, reasonNotToSend } from './logins.ts';
import type { TraceMoment } from '../moments.ts';
import { RecordedSizes } from './recordedSizes.ts';

/** The facts about a recording that decide how it may be replayed. */
export interface ReplayPlan {
  /** The users of the recorded connections. */
  readonly logins: Logins;
  readonly changesUsers: boolean;
  /** True if it changes users or configuration. */
  readonly isAdministrative: boolean;
  /** Times that the client sent. */
  readonly times: ReadonlySet<string>;
  readonly sizes: RecordedSizes;
}

/** The permissions that flags grant a replay. */
export interface ReplayLeave {
  readonly allowAdmin: boolean;
  readonly allowLarge: boolean;
}

/** Actions that change permissions or the server's settings: `user/insert`, `configuration/put`, … */
const administration = /^(user\/(?!get|list|count)|configuration\/(?!get))/;

/**
 * Reads a recording to its end. Throws a `Failure`, `usage` or `invalid`, if something in it must not be replayed, or
 * nothing can be.
 */
export async function replayPlan(recording: AsyncIterable<TraceMoment>, leave: ReplayLeave): Promise<ReplayPlan> {
  const logins = new Logins();
  const times = new Set<string>();
  const sizes = new RecordedSizes();
  const forbidden = new Map<string, number>();
  let count = 0;
  for await (const moment of recording) {
    sizes.note(moment);
    if (moment.kind === 'reply') logins.noteReply(moment);
    if (moment.kind !== 'request') continue;
    const { action, frame, line } = moment;
    const isSent = reasonNotToSend(moment) === undefined;
    if (isSent || action === 'authenticate') logins.noteRequest(moment);
    if (!isSent) continue;
    count++;
    noteTimes(frame, times);
    if (administration.test(action)) forbidden.set(action, (forbidden.get(action) ?? 0) + 1);
    const problem = leave.allowLarge ? undefined : largeProblem(action, frame);
    if (problem !== undefined) throw tooLarge(line, problem);
  }
  if (count === 0) throw nothing();
  if (forbidden.size > 0 && !leave.allowAdmin) throw notAllowed(forbidden);
  const changesUsers = [...forbidden.keys()].some((action) => action.startsWith('user/'));
  return { logins, changesUsers, isAdministrative: forbidden.size > 0, times, sizes };
}

function noteTimes(value: unknown, times: Set<string>): void {
  if (typeof value === 'string' && timestampPattern.test(value)) times.add(value);
  if (typeof value === 'object' && value !== null)
    for (const child of Object.values(value as Frame)) noteTimes(child, times);
}

function tooLarge(line: number, problem: string): Failure {
  return new Failure('invalid', `line ${line}: ${problem}; nothing was sent`, {
    hint: 'A message near 1 MiB makes a default DeviceHive stop answering everyone. Add --allow-large where the server is known to bear it.',
  });
}

function nothing(): Failure {
  return new Failure('usage', 'the recording holds no request that can be sent again', {
    hint: 'Authenticating is left to the connection, and what is hidden (***) cannot be sent. Look at it with: devicehive trace show FILE',
  });
}

function notAllowed(forbidden: ReadonlyMap<string, number>): Failure {
  const named = [...forbidden].map(([action, count]) => (count === 1 ? action : `${action} (${count} times)`));
  return new Failure('usage', `the recording changes users or configuration: ${named.join(', ')}; nothing was sent`, {
    hint: 'Add --allow-admin to do that again.',
  });
}
