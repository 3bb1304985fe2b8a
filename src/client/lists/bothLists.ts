import { Failure } from '../../errors.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { claimedIds, missingLists, type ReachField } from '../../protocol/reach.ts';
import type { AskServer } from './replies.ts';
import { listAll } from './wholeLists.ts';

const sources = {
  networkIds: { action: 'network/list', noun: 'network', permission: 'GetNetwork' },
  deviceTypeIds: { action: 'devicetype/list', noun: 'device type', permission: 'GetDeviceType' },
} as const;

/**
 * Returns the fields that a subscribe is sent with: without a device it names both networks and device types, because a
 * real DeviceHive may freeze for everyone over a subscription of which it knows only one of them (PROTOCOL.md 7, Q41).
 * What is missing is what the token may see now, by `network/list` and `devicetype/list`, else by its claims. Throws a
 * `Failure`: `auth` where that is nothing or cannot be known, else what `ask` throws.
 */
export async function withBothLists(
  action: string,
  payload: Frame,
  accessToken: string | undefined,
  ask: AskServer,
): Promise<Frame> {
  const lists: Partial<Record<ReachField, readonly number[]>> = {};
  for (const field of missingLists(payload, accessToken)) {
    const ids = await reachedIds(action, field, accessToken ?? '', ask);
    if (ids.length === 0) throw nothingToHear(action, field);
    lists[field] = ids;
  }
  return { ...payload, ...lists };
}

/** A token that may not ask for the list may name its ids itself. */
async function reachedIds(
  action: string,
  field: ReachField,
  accessToken: string,
  ask: AskServer,
): Promise<readonly number[]> {
  try {
    return await listedIds(field, ask);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 403) throw error;
    const ids = claimedIds(field, accessToken);
    if (ids === undefined) throw unknownList(action, field, error);
    return ids;
  }
}

async function listedIds(field: ReachField, ask: AskServer): Promise<readonly number[]> {
  const ids: number[] = [];
  for await (const groups of listAll(ask, sources[field].action, {}))
    for (const group of groups) if (isFrame(group) && typeof group['id'] === 'number') ids.push(group['id']);
  return ids;
}

function nothingToHear(action: string, field: ReachField): Failure {
  const { noun } = sources[field];
  const hint = `Have an administrator assign a ${noun} to its user, then log in again.`;
  return new Failure('auth', `${action} was not sent: this token reaches no ${noun}, so there is nothing to hear`, {
    action,
    hint,
  });
}

function unknownList(action: string, field: ReachField, refused: Failure): Failure {
  const { noun, permission } = sources[field];
  const why = `a DeviceHive that has to look up ${field} may freeze for everyone, and they could not be read before`;
  return new Failure('auth', `${action} was not sent: ${why}: ${refused.message}`, {
    action,
    code: refused.code,
    hint: `Name the ${noun}s or one device, or use a token with the permission ${permission}.`,
    cause: refused,
  });
}
