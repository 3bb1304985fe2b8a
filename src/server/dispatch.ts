import { messageOf } from '../errors.ts';
import { actions, isServedAction, type Action } from './actions.ts';
import { accidentText, failureReply, logAccident } from './failureReply.ts';
import { Fields } from './reading/fields.ts';
import { checkReply, isLarge } from './harm/busSize.ts';
import { parseLenientJson, quote, writeJson, writeProperties } from './reading/json.ts';
import { isObject, SpelledNumber, type JsonObject } from './reading/jsonValues.ts';
import { malformedText, Refusal, refuse, stumble, type Answer } from './outcome.ts';
import { perform } from './execution.ts';
import type { Session } from './session.ts';

/** The real server's reply after an error in its transport (PROTOCOL.md 1.5). */
const accidentReply = `{"code":500,"status":"error","error":"${accidentText}"}`;

const malformedReply = `{"code":400,"status":"error","error":"${malformedText}"}`;

/**
 * Answers one text from a session, or leaves it unanswered where the real server does (PROTOCOL.md 1.3, 2). Never
 * throws.
 */
export function dispatch(text: string, session: Session): void {
  const frame = parsed(text, session);
  if (frame === undefined) {
    session.reply(malformedReply);
    return;
  }
  const { bus } = session.hive;
  if (bus === undefined) answer(frame, session);
  // the reply to a subscribe must not be late: it goes out before the subscription's pushes
  else bus.carry(() => answer(frame, session), !nameOf(frame).endsWith('/subscribe'));
}

function answer(frame: JsonObject, session: Session): void {
  try {
    serve(frame, session);
    session.runAfterReply();
  } catch (error) {
    // even the error reply failed, because the frame cannot be written back as JSON
    logAccident(error, session.hive);
    session.reply(accidentReply);
  }
}

function parsed(text: string, { hive }: Session): JsonObject | undefined {
  try {
    const value = parseLenientJson(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      hive.log({ level: 'warn', message: `a request is not read: ${messageOf(error)}`, section: 'PROTOCOL.md 2.7' });
    }
    return undefined;
  }
}

function serve(frame: JsonObject, session: Session): void {
  try {
    const action = actionOf(frame);
    const fields = new Fields(frame);
    const payload = perform(action, fields, session);
    const properties = writeProperties(payload);
    const reply = `${envelope(frame)},"status":"success"${properties === '' ? '' : `,${properties}`}}`;
    if (!action.isAsync(fields, session)) return session.reply(reply);
    if (isLarge(reply)) checkReply(session.hive, { action: nameOf(frame), text: reply, payload });
    session.replyLater(reply);
  } catch (error) {
    const refused = errorAnswer(error, frame, session);
    if (refused === undefined) return;
    const told = refused.text === null ? 'null' : quote(refused.text);
    session.reply(`${envelope(frame)},"code":${refused.code},"status":"error","error":${told}}`);
  }
}

/** Returns the start of every reply: the action and the request id that it answers (PROTOCOL.md 2.2, 2.3). */
function envelope({ action, requestId }: JsonObject): string {
  const id = typeof requestId === 'number' ? String(requestId) : writeJson(requestId);
  return `{"action":${typeof action === 'string' && isServedAction(action) ? `"${action}"` : writeJson(action)},"requestId":${id}`;
}

function actionOf({ action }: JsonObject): Action {
  if (typeof action === 'string' && isServedAction(action)) return actions[action] as Action;
  const isText = typeof action === 'string' || typeof action === 'boolean' || typeof action === 'number';
  const name = action instanceof SpelledNumber ? action.text : isText ? String(action) : '';
  const unknown = "'action' field could not be parsed to known endpoint";
  return name === '' ? stumble(unknown, unknown) : refuse(400, `Illegal argument: ${name}`);
}

function nameOf({ action }: JsonObject): string {
  return typeof action === 'string' ? action : 'a request';
}

function errorAnswer(error: unknown, frame: JsonObject, { hive }: Session): Answer | undefined {
  if (error instanceof Refusal) {
    const what = nameOf(frame);
    return failureReply(
      error,
      { what, frame, ...(isServedAction(what) ? { section: actions[what].section } : {}) },
      hive,
    );
  }
  logAccident(error, hive, frame);
  return { code: 500, text: accidentText };
}
