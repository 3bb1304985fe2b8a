import { Failure, type FailureDetails } from '../../errors.ts';
import type { ReplyFrame } from '../../protocol/frames.ts';
import { redactFrame } from '../../protocol/redaction.ts';
import type { Secrets } from '../../protocol/secrets.ts';
import { spokenDuration } from '../../protocol/notation/spokenDuration.ts';
import type { Call } from './call.ts';
import type { Closed } from '../contract.ts';
import type { Learnt } from './learnt.ts';
import { refusalHint } from './refusalHints.ts';
import type { ClientSettings } from '../settings.ts';

/** The address that failures name, and the secrets that they must not. */
type FailureContext = Pick<ClientSettings, 'peer' | 'secrets'>;

/** Returns the details of a failed call besides its sentence; secrets are redacted. */
function detailsOf(call: Call, details: FailureDetails, secrets?: Secrets): FailureDetails {
  const request = redactFrame(call.frame ?? { action: call.action, ...call.payload });
  const { reply } = details;
  return {
    action: call.action,
    requestId: call.requestId,
    request: secrets?.hideIn(request) ?? request,
    ...details,
    ...(reply === undefined ? {} : { reply: secrets?.hideIn(reply) ?? reply }),
  };
}

/** The failure that an error reply means: `auth` for 401 and 403, else `refused` (PROTOCOL.md 2.3, 2.7). */
export function refusal(call: Call, reply: ReplyFrame, { peer, secrets }: FailureContext): Failure {
  const code = typeof reply.code === 'number' ? reply.code : null;
  const isAuth = code === 401 || code === 403;
  const text = typeof reply.error === 'string' && reply.error !== '' ? secrets.hide(reply.error) : undefined;
  const status = reply.status === 'error' ? 'an error' : `the status ${JSON.stringify(reply.status)}`;
  const answer = code === null ? status : code;
  const message = `${call.action}: ${peer} answered ${answer}${text === undefined ? ', without a reason' : `: ${quoted(text)}`}`;
  const hint = refusalHint(call.action, call.payload, code, text);
  return new Failure(isAuth ? 'auth' : 'refused', message, detailsOf(call, { code, reply, hint }, secrets));
}

/** So much of a server's text stands in a message; the reply holds all of it. */
const quotedLength = 1000;

/** A server's text within a message: in one line, so that none of it can pass for ours. */
function quoted(text: string): string {
  const line = text.trim().replace(/\s*[\r\n]\s*/g, ' ');
  return line.length <= quotedLength ? line : `${line.slice(0, quotedLength)}…`;
}

/** No reply came in time; `learnt` is what the diagnosis and other frames tell. */
export function noReply(
  call: Call,
  { peer, secrets }: FailureContext,
  { sentences, hint, serverState }: Learnt,
): Failure {
  const known = sentences.filter((sentence) => sentence !== '').map((sentence) => `; ${sentence}`);
  const message = `${call.action}: no reply from ${peer} within ${spokenDuration(call.timeoutMs)}${known.join('')}`;
  const details = { hint: silenceHint(call.action, hint), serverState };
  return new Failure('timeout', secrets.hide(message), detailsOf(call, details, secrets));
}

/** Returns advice about silence; `known` is the diagnosis. */
function silenceHint(action: string, known: string | undefined): string {
  const isUnknown = /\/(insert|subscribe)$/.test(action) ? 'Whether it was carried out is unknown. ' : '';
  if (known !== undefined) return `${isUnknown}${known}`;
  if (action === 'command/update')
    return 'DeviceHive is silent about unknown, expired (120 s) and foreign commands: check device and command id. Else allow more time.';
  return `${isUnknown}Check the server, or allow more time.`;
}

/** The silence about an update was diagnosed: the device has no such command (PROTOCOL.md 4.12 step 11). */
export function unknownCommand(call: Call, deviceId: string, commandId: number): Failure {
  const message = `command/update: no reply, and device ${deviceId} has no command ${commandId}: DeviceHive is silent about unknown, expired (120 s) and foreign commands`;
  const hint =
    'Check device and command id: command/list shows what there is. A command is gone 120 s after it was inserted or last updated.';
  return new Failure('refused', message, detailsOf(call, { code: null, hint }));
}

/** The connection is gone, and with it the reply. */
export function lost(call: Call, { peer, secrets }: FailureContext, closed: Closed): Failure {
  const when = call.wasSent ? 'before the reply' : 'before the request was sent';
  const message = `${call.action}: the connection to ${peer} was lost ${when} (${closeText(closed)})`;
  const hint = call.wasSent
    ? 'Whether it was carried out is unknown. Check the server, then try again.'
    : 'Nothing was sent.';
  return new Failure('connect', secrets.hide(message), detailsOf(call, { hint }, secrets));
}

/** Subscriptions do not outlive their connection (PROTOCOL.md 1.5). */
export function subscriptionLost({ peer, secrets }: FailureContext, closed: Closed): Failure {
  return new Failure(
    'connect',
    secrets.hide(`the connection to ${peer} was lost, and its subscriptions with it (${closeText(closed)})`),
    {
      hint: 'Connect again and subscribe with a timestamp, so that nothing is missed.',
    },
  );
}

/** This side has closed the connection. */
export function closedHere(call: Call, { peer, secrets }: FailureContext): Failure {
  return new Failure(
    'connect',
    `${call.action}: the connection to ${peer} is closed`,
    detailsOf(call, { hint: 'Connect again.' }, secrets),
  );
}

/** Two pending requests cannot have one id: their replies could not be told apart. */
export function idInUse(call: Call): Failure {
  const message = `${call.action}: the requestId ${JSON.stringify(call.wantedId)} belongs to a request that has no reply yet`;
  return new Failure('invalid', message, {
    action: call.action,
    requestId: call.wantedId,
    hint: 'Give each request an id of its own; nothing was sent.',
  });
}

/** The payload is so large that a default DeviceHive would stop answering everyone (PROTOCOL.md 0.1). */
export function tooLarge(call: Call, problem: string): Failure {
  return new Failure('invalid', `${problem}; nothing was sent`, {
    action: call.action,
    hint: 'A message near 1 MiB makes a default DeviceHive stop answering everyone. Send less.',
  });
}

/** Whether the server says that the token has expired; clients match this text exactly (PROTOCOL.md 2.3). */
export function isExpiry(failure: Failure): boolean {
  return failure.code === 401 && failure.reply?.['error'] === 'Token expired';
}

const closeCodes: Readonly<Record<number, string>> = {
  1000: 'normal closure',
  1001: 'the server goes away',
  1005: 'no code',
  1006: 'without a closing handshake',
  1008: 'the server, or something before it, does not allow this',
  1009: 'a message was larger than the server takes',
  1011: 'an error in the server',
  1012: 'the server restarts',
  1013: 'the server has no room now',
  4500: 'DeviceHive found this reader too slow',
};

function closeText({ code, reason }: Closed): string {
  const meaning = reason === '' ? closeCodes[code] : reason;
  return meaning === undefined ? `close code ${code}` : `close code ${code}: ${meaning}`;
}
