import { Failure } from '../../errors.ts';
import { isSameServer } from '../../protocol/serverPlaces.ts';
import { isSet } from '../flags/sharedValues.ts';
import type { Io } from '../terminal/io.ts';
import { contextsOf, readContexts } from './contexts/contextList.ts';
import { normalUrl } from './serverUrl.ts';

/**
 * Returns the variable that names another server than this one; undefined where none does. Secrets that stand beside it
 * are for that other server.
 */
export function otherServer(url: string, io: Io): 'DEVICEHIVE_URL' | 'DEVICEHIVE_CONTEXT' | undefined {
  const { DEVICEHIVE_URL: named, DEVICEHIVE_CONTEXT: context } = io.env;
  if (isSet(named)) return isNamedBy(named, url) ? undefined : 'DEVICEHIVE_URL';
  if (!isSet(context)) return undefined;
  const isThis = contextsOf(url, readContexts(io)).some(({ name }) => name === context);
  return isThis ? undefined : 'DEVICEHIVE_CONTEXT';
}

/** A variable that cannot be used as a URL names no server. */
function isNamedBy(text: string, url: string): boolean {
  try {
    return isSameServer(normalUrl(text, 'DEVICEHIVE_URL'), url);
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}
