import type { Frame } from './frames.ts';
import { readToken, type TokenClaims } from './tokens.ts';

/** A field with which a subscribe says where it listens. */
export type ReachField = 'networkIds' | 'deviceTypeIds';

const claimOf = { networkIds: 'networks', deviceTypeIds: 'deviceTypes' } as const;
const fields: readonly ReachField[] = ['networkIds', 'deviceTypeIds'];

/**
 * Returns which lists a subscribe has to name besides its own. A real DeviceHive looks up the one that it does not
 * know, and may freeze for everyone while it does (PROTOCOL.md 7, Q41). None is missing where the request names a
 * device or both lists, or no list and the token hears everything or is not DeviceHive's; nor where the request is
 * refused anyway, because nobody is logged in or a list is malformed.
 */
export function missingLists(payload: Frame, accessToken: string | undefined): readonly ReachField[] {
  if (accessToken === undefined || namesDevice(payload) || isMalformed(payload)) return [];
  const missing = fields.filter((field) => !isGiven(payload[field]));
  if (missing.length < 2) return missing;
  const claims = readToken(accessToken);
  return claims === undefined || claimsEverything(claims) ? [] : missing;
}

/**
 * Returns the list that a subscribe, sent as it stands, leaves the server to look up: the one that neither its fields
 * nor the token name, where the other is named (PROTOCOL.md 7, Q41). Undefined where the server looks nothing up.
 */
export function lookedUpList(payload: Frame, accessToken: string | undefined): ReachField | undefined {
  if (namesDevice(payload) || isMalformed(payload)) return undefined;
  const claims = accessToken === undefined ? undefined : readToken(accessToken);
  const unknown = fields.filter((field) => !isGiven(payload[field]) && !isLimited(claims?.[claimOf[field]]));
  return unknown.length === 1 ? unknown[0] : undefined;
}

/** Whether a token reaches all networks and all device types, those of the future included (PROTOCOL.md 3.4). */
export function claimsEverything(claims: TokenClaims | undefined): boolean {
  return claims?.networks?.includes('*') === true && claims.deviceTypes?.includes('*') === true;
}

/** The ids of networks or device types that a token names; undefined where it names none or means all. */
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

/** An empty list counts as none (PROTOCOL.md 4.15). */
function isGiven(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

function isMalformed(payload: Frame): boolean {
  return fields.some((field) => payload[field] !== undefined && !Array.isArray(payload[field]));
}
