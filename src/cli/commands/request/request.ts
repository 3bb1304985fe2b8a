import { Failure } from '../../../errors.ts';
import { closest } from '../../../protocol/notation/closest.ts';
import type { Frame } from '../../../protocol/frames.ts';
import { actionNames, isAction } from '../../../protocol/schema.ts';
import { problemsOf, unknownFields } from '../../../protocol/validation.ts';
import { wordsFor } from '../../flags/commandWords.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import { besideId, oneRequestId, requestIdOf } from '../../request/requestId.ts';
import { payloadFrame, send } from '../../request/send.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { contextOf } from '../../target/context.ts';
import { readJson } from '../../flags/values.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** The flags of `request` besides the common ones. */
type RequestValues = CommonValues & { readonly data?: string; readonly allowUnknown?: boolean };

/** `devicehive request ACTION`: sends any action with fields from JSON; what the protocol knows is checked first. */
export async function sendAny(action: string, given: FlagContext<RequestValues>): Promise<void> {
  const context = await contextOf(given);
  const { io, values } = context;
  const flagId = requestIdOf(values);
  if (!/^\S+$/.test(action))
    throw new Failure('usage', `'${cutText(action)}' is no action`, { hint: 'Such as device/list.' });
  const { requestId: dataId, ...payload } = await readFrame(action, context);
  const requestId = oneRequestId(flagId, dataId);
  const settings = besideId(context.settings, requestId);
  if (isAction(action)) check(action, payload, values.allowUnknown === true);
  else noteUnknown(action, io);
  await send({ ...context, settings, action, payload, all: false, isCut: false, requestId });
}

/** Returns the fields of `--data`, its `requestId` included. */
async function readFrame(action: string, { io, values }: FlagContext<RequestValues>): Promise<Frame> {
  if (values.data === undefined) return {};
  try {
    const frame = payloadFrame(await readJson(values.data, io), '--data');
    const { action: named = action, ...fields } = frame;
    if (named === action) return fields;
    const other = cutText(JSON.stringify(named));
    throw new Failure('invalid', `--data names the action ${other}, not '${cutText(action)}'`, {
      hint: 'Leave action out of it, or name the same; nothing was sent.',
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.message.startsWith('--data')) throw error;
    throw new Failure(error.kind, `--data ${error.message}`, {
      hint: 'Give JSON, @file, or - for stdin.',
      cause: error,
    });
  }
}

function check(action: Parameters<typeof problemsOf>[0], payload: Frame, allowUnknown: boolean): void {
  const strangers = allowUnknown ? [] : unknownFields(action, payload);
  const problems = [
    ...problemsOf(action, payload).filter(({ path }) => path.length > 0 || action !== 'authenticate'),
    ...strangers,
  ];
  const told = action === 'authenticate' ? problems.filter(({ at }) => at !== 'token') : problems;
  const [first] = told;
  if (first === undefined) return;
  const what = told.length === 1 ? `${first.at} ${first.message}` : `${told.length} problems, nothing was sent`;
  const words = wordsFor(action)?.join(' ') ?? 'request';
  const hint = `What ${action} takes: devicehive ${words} --help. Unknown fields pass with --allow-unknown.`;
  throw new Failure('invalid', what, { hint, action, problems: told.map(({ at, message }) => ({ at, message })) });
}

function noteUnknown(action: string, io: Io): void {
  const suggestion = closest(action, actionNames());
  io.note(
    `'${cutText(action)}' is no action that devicehive knows; it is sent as it is${suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`}`,
  );
}
