import { Failure } from '../../errors.ts';
import { firstIdBeside, requestIdKey } from '../../protocol/requestIds.ts';
import { parseJsonExactly } from '../flags/values.ts';
import type { RequestSettings } from '../target/settings.ts';
import type { CommonValues } from '../target/serverName.ts';

/** Reads `--request-id`: JSON if it is that, else a text; undefined without the flag. Throws a `Failure`. */
export function requestIdOf({ requestId: text }: CommonValues): unknown {
  if (text === undefined) return undefined;
  if (text.trim() === '')
    throw new Failure('usage', '--request-id is empty', { hint: `For an empty text write --request-id '""'.` });
  return isJson(text) ? readJsonId(text) : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readJsonId(text: string): unknown {
  try {
    return parseJsonExactly(text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure('usage', `--request-id ${error.message}`, { hint: `Digits as a text: --request-id '"123"'.` });
  }
}

/** Returns the id from the flag, or else from the data of the request. Throws a usage `Failure` if they differ. */
export function oneRequestId(flag: unknown, data: unknown): unknown {
  if (flag === undefined || data === undefined) return flag === undefined ? data : flag;
  if (requestIdKey(flag) === requestIdKey(data)) return flag;
  throw new Failure('usage', '--request-id and the requestId of --data are two ids', { hint: 'Give one of them.' });
}

/** Returns settings for a connection that uses this id for no other request. */
export function besideId(settings: RequestSettings, requestId: unknown): RequestSettings {
  return requestId === undefined ? settings : { ...settings, firstRequestId: firstIdBeside(requestId) };
}
