import type { Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { Frame } from '../../../protocol/frames.ts';
import { serverNowMs, timestampOf } from './replay.ts';

/** A device that was saved together with the subscription is not a new one; ms. */
const slackMs = 1000;

/** Returns the ids of the devices in these subscribes that `wasMadeAnew` finds. Throws as that does. */
export async function devicesMadeAnew(
  connection: Connection,
  payloads: readonly Frame[],
  agoMs: number,
): Promise<readonly string[]> {
  const remade: string[] = [];
  for (const { deviceId } of payloads)
    if (typeof deviceId === 'string' && (await wasMadeAnew(connection, deviceId, agoMs))) remade.push(deviceId);
  return remade;
}

/**
 * Returns whether a device was deleted and made anew within the last `agoMs`. Nothing else tells: the server drops
 * the subscriptions to a deleted device without a word, and goes on listing them (PROTOCOL.md 7 Q22).
 * False where the server does not say. Throws a `Failure` where the connection is lost or silent.
 */
export async function wasMadeAnew(connection: Connection, deviceId: string, agoMs: number): Promise<boolean> {
  const start = timestampOf((await serverNowMs(connection)) - agoMs + slackMs);
  try {
    const payload = { deviceId, notification: '$device-add', start, take: 1 };
    const { reply } = await connection.request('notification/list', payload);
    return Array.isArray(reply['notifications']) && reply['notifications'].length > 0;
  } catch (error) {
    if (error instanceof Failure && error.reply !== undefined) return false;
    throw error;
  }
}
