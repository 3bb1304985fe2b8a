import type { Frame } from '../../protocol/frames.ts';
import { harmStart } from '../../protocol/limits.ts';
import { isAction, schemaOf } from '../../protocol/schema.ts';
import { readToken } from '../../protocol/tokens.ts';

/** Returns the likely meaning of an error reply with this code and text, and advice (PROTOCOL.md 2.3 and 4). */
export function refusalHint(action: string, payload: Frame, code: number | null, text: string | undefined): string {
  if (code === 400) return malformedHint(action, payload, text);
  if (code === 401) return unauthorizedHint(action, payload, text);
  if (code === 403) return forbiddenHint(action, text);
  if (code === 404) return 'Check the ids, and that the token may see what they name.';
  if (code === 409) return 'Somebody changed the same thing at the same time: look at it, then try again.';
  if (code === 503 && text?.startsWith(harmStart) === true)
    return 'This server is strict: do what its text says instead.';
  if (code === 503) return 'A service behind the server is down: try again later.';
  return "The reply says why; the server's log may say more.";
}

/** Texts that say too little by themselves. */
function malformedHint(action: string, payload: Frame, text = ''): string {
  if (text.startsWith('Illegal argument')) return 'Check the name of the action; letter case matters.';
  if (text.startsWith('There are the following devices')) return 'Delete or move them first, or force it.';
  if (text !== 'Invalid request parameters') return 'Check the fields of the request.';
  if (action === 'device/save' && namesGroup(payload['device']))
    return 'Most likely its network or device type does not exist: network/list and devicetype/list show what there is.';
  if (payload['sortField'] !== undefined) return 'Most likely the server cannot sort by that field.';
  return 'Check the values of the fields, times above all.';
}

function namesGroup(device: unknown): boolean {
  const { networkId, deviceTypeId } = (device ?? {}) as Frame;
  return networkId !== undefined || deviceTypeId !== undefined;
}

function unauthorizedHint(action: string, { token }: Frame, text: string | undefined): string {
  if (action === 'token') return 'Check login and password; letter case and blanks count.';
  if (text === 'Token expired')
    return 'Log in again, or give a refresh token besides, so that the access token can be refreshed.';
  if (action === 'authenticate' && typeof token === 'string' && readToken(token)?.kind === 'refresh') {
    return 'This is a refresh token: give the access token, or give it as the refresh token.';
  }
  return action === 'authenticate' || action === 'token/refresh'
    ? 'Check that the token is whole, for this server, and that its user is active; else log in again.'
    : 'Give an access token: the session is anonymous.';
}

/** DeviceHive also answers 403 for reasons other than permissions; then the text names the reason. */
function forbiddenHint(action: string, text = ''): string {
  if (/already exists/.test(text)) return 'Choose another, or change what is there.';
  if (text.startsWith('Admin permissions')) return 'Only an administrator may change login, role and status.';
  if (text === 'User is locked or disabled') return 'An administrator can unlock the user: status 0.';
  if (/^No access to|not connected to any network/.test(text))
    return `Name a network and device type that the token may see, or have an administrator assign them to its user.${afterAssignment}`;
  const permission = isAction(action) ? schemaOf(action)['x-permission'] : undefined;
  const needed = permission === undefined ? 'the permission for this action' : `the permission ${permission}`;
  return `The token needs ${needed}, and access to the network and device type concerned. For a restricted token a device that does not exist is forbidden too.${mayBeStale(action) ? afterAssignment : ''}`;
}

/** Assignments show late, in tokens of a new login too (PROTOCOL.md 4.38; 7, Q44). */
const afterAssignment =
  ' Right after an assignment DeviceHive may show it only after seconds: try again, or log in again.';

/** True if access depends on the networks and device types that are assigned to a user. */
function mayBeStale(action: string): boolean {
  return /^(command|notification|subscription|device|network|devicetype)\/|^user\/get(Network|DeviceType)/.test(action);
}
