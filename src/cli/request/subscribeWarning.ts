import type { Frame } from '../../protocol/frames.ts';
import { lookedUpList } from '../../protocol/reach.ts';
import type { Io } from '../terminal/io.ts';

/**
 * Returns a warning about a hand-written subscribe that may stop a server (PROTOCOL.md 7, Q41); undefined if it cannot.
 */
export function subscribeWarning(action: string, payload: Frame, accessToken: string | undefined): string | undefined {
  const list = lookedUpList(payload, accessToken);
  if (list === undefined) return undefined;
  const [noun] = action.split('/');
  return (
    `${action} names no ${list}: beside the requests of others, a real DeviceHive that has to look them up may freeze for everyone; ` +
    `name networkIds and deviceTypeIds both, or a deviceId, as devicehive ${noun ?? ''} watch does`
  );
}

/** Returns a function that warns of the first of many subscribes that may harm the server, and only once. */
export function warningOnce(
  io: Io,
  accessToken: () => string | undefined,
): (request: { readonly action: string; readonly frame: Frame }) => void {
  let hasWarned = false;
  return ({ action, frame }) => {
    const warning = hasWarned ? undefined : subscribeWarning(action, frame, accessToken());
    if (warning === undefined) return;
    hasWarned = true;
    io.warn(warning);
  };
}
