import type { Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import { isFrame, type Frame, type PushFrame } from '../../../protocol/frames.ts';
import { serverNowMs, timestampOf } from './replay.ts';

/** A device saved within so many ms of the subscription is not a new one. */
const slackMs = 1000;

/** A device is checked after so many ms of quiet; the server keeps its messages twice as long. */
const quietMs = 60_000;

/** Checks each watched device once a minute while nothing comes from it, however much comes from others. */
export class DeviceLooks {
  /** Looks at devices. Throws a `Failure`. */
  readonly #look: (deviceIds: readonly string[]) => Promise<void>;
  /** By device: when something came from it, or it was checked. */
  readonly #heardMs: Map<string, number>;
  #isLooking = false;

  constructor(look: (deviceIds: readonly string[]) => Promise<void>, payloads: readonly Frame[], nowMs: number) {
    this.#look = look;
    const ids = payloads.map(({ deviceId }) => deviceId).filter((id) => typeof id === 'string');
    this.#heardMs = new Map(ids.map((id) => [id, nowMs]));
  }

  heard(push: PushFrame, nowMs: number): void {
    const message = push['command'] ?? push['notification'];
    const deviceId = isFrame(message) ? message['deviceId'] : undefined;
    if (typeof deviceId === 'string' && this.#heardMs.has(deviceId)) this.#heardMs.set(deviceId, nowMs);
  }

  /** Call it every few seconds; settles once the devices that are due were checked. */
  async tick(nowMs: number): Promise<void> {
    if (this.#isLooking) return;
    const due = [...this.#heardMs].filter(([, heardMs]) => nowMs - heardMs >= quietMs).map(([id]) => id);
    if (due.length === 0) return;
    for (const id of due) this.#heardMs.set(id, nowMs);
    this.#isLooking = true;
    try {
      await this.#look(due);
    } catch (error) {
      // lost connections and silent servers are noticed elsewhere
      if (!(error instanceof Failure)) throw error;
    } finally {
      this.#isLooking = false;
    }
  }
}

/**
 * Returns the devices deleted and created anew within the last `agoMs`. The server drops subscriptions to a deleted
 * device silently, and goes on listing them (PROTOCOL.md 7 Q22), so nothing else shows this. Leaves out devices that
 * the server says nothing about. Throws a `Failure` if the connection is lost or silent.
 */
export async function devicesMadeAnew(
  connection: Connection,
  deviceIds: readonly string[],
  agoMs: number,
): Promise<readonly string[]> {
  const start = timestampOf((await serverNowMs(connection)) - agoMs + slackMs);
  const remade: string[] = [];
  for (const deviceId of deviceIds) if (await wasAddedSince(connection, deviceId, start)) remade.push(deviceId);
  return remade;
}

async function wasAddedSince(connection: Connection, deviceId: string, start: string): Promise<boolean> {
  try {
    const payload = { deviceId, notification: '$device-add', start, take: 1 };
    const { reply } = await connection.request('notification/list', payload);
    return Array.isArray(reply['notifications']) && reply['notifications'].length > 0;
  } catch (error) {
    if (error instanceof Failure && error.reply !== undefined) return false;
    throw error;
  }
}
