import type { Frame } from './frames.ts';
import { readToken, type TokenClaims } from './tokens.ts';

/** A field in which a subscribe lists the networks or device types to listen to. */
export type ReachField = 'networkIds' | 'deviceTypeIds';

const claimOf = { networkIds: 'networks', deviceTypeIds: 'deviceTypes' } as const;
const fields: readonly ReachField[] = ['networkIds', 'deviceTypeIds'];

/**
 * Returns the lists that a subscribe must add to be safe. A real DeviceHive looks up the list that a subscribe leaves
 * out, and may freeze for all clients meanwhile (PROTOCOL.md 7, Q41).
 *
 * Empty where nothing is looked up: the request names a device or both lists; or it names neither, and the token
 * reaches everything or is not DeviceHive's. Also empty where the server refuses the request anyway, because nobody is
 * logged in or a list is malformed.
 */
export function missingLists(payload: Frame, accessToken: string | undefined): readonly ReachField[] {
  if (accessToken === undefined || namesDevice(payload) || isMalformed(payload)) return [];
  const missing = fields.filter((field) => !isGiven(payload[field]));
  if (missing.length < 2) return missing;
  const claims = readToken(accessToken);
  return claims === undefined || claimsEverything(claims) ? [] : missing;
}

/**
 * Returns the list that the server looks up for a subscribe sent as it is: the one that neither the request nor the
 * token limits, while the other is limited (PROTOCOL.md 7, Q41). Undefined where nothing is looked up.
 */
export function lookedUpList(payload: Frame, accessToken: string | undefined): ReachField | undefined {
  if (namesDevice(payload) || isMalformed(payload)) return undefined;
  const claims = accessToken === undefined ? undefined : readToken(accessToken);
  const unknown = fields.filter((field) => !isGiven(payload[field]) && !isLimited(claims?.[claimOf[field]]));
  return unknown.length === 1 ? unknown[0] : undefined;
}

/** True if a token reaches all networks and all device types, future ones included (PROTOCOL.md 3.4). */
export function claimsEverything(claims: TokenClaims | undefined): boolean {
  return claims?.networks?.includes('*') === true && claims.deviceTypes?.includes('*') === true;
}

/** Returns the ids of the networks or device types that a token names; undefined where it names none or reaches all. */
export function claimedIds(field: ReachField, accessToken: string): readonly number[] | undefined {
  const claimed = readToken(accessToken)?.[claimOf[field]];
  return isLimited(claimed) ? claimed.map(Number).filter(Number.isSafeInteger) : undefined;
}

function isLimited(claimed: readonly string[] | null | undefined): claimed is readonly string[] {
  return claimed !== undefined && claimed !== null && !claimed.includes('*');
}

function namesDevice({ deviceId }: Frame): boolean {
  return deviceId !== undefined && deviceId !== null;
}

/** True if a list is given; an empty one counts as none (PROTOCOL.md 4.15). */
function isGiven(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

function isMalformed(payload: Frame): boolean {
  return fields.some((field) => payload[field] !== undefined && !Array.isArray(payload[field]));
}
