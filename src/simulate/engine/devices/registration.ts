import { Failure } from '../../../errors.ts';
import { isFrame, type Frame, type ReplyFrame } from '../../../protocol/frames.ts';
import type { Connector } from '../sockets/connector.ts';
import type { SimulatedDevice } from './device.ts';
import type { RunStage } from '../stage.ts';

/** How long before the loss of a connection missed commands are read, in ms. */
const slackMs = 2000;

/**
 * The result of looking for a device: its record, `absent`, or `unknown` where a restricted token is refused either way
 * (PROTOCOL.md 7, Q25).
 */
type FoundDevice = Frame | 'absent' | 'unknown';

/**
 * Registers a device and subscribes to its commands. Returns the id of the subscription; undefined, without creating
 * anything, if the run is over. Fields that the plan leaves out keep the server's values: a save without `data` would
 * erase it (PROTOCOL.md 4.24). A new device is marked as created before it is saved, so that a run stopped meanwhile
 * removes it. Throws a `Failure`.
 */
export async function register(device: SimulatedDevice, line: Connector): Promise<number | undefined> {
  const before = await find(device, line);
  if (device.stage.isOver) return undefined;
  if (before === 'absent') device.wasCreated = true;
  const subscriptionId = await saveAndSubscribe(device, line, typeof before === 'object' ? before : {});
  if (before === 'unknown') device.wasCreated = typeof (await find(device, line)) === 'object';
  return subscriptionId;
}

/**
 * Subscribes again after a lost connection, and reads what the device missed. Registers it again if the server has lost
 * its memory. Throws a `Failure`.
 */
export async function resume(device: SimulatedDevice, line: Connector, stage: RunStage): Promise<number> {
  const sinceMs = Math.max(stage.serverMsOf(device.heardMs) - slackMs, 0);
  const { id: deviceId } = device.plan;
  const subscriptionId = await subscribeAgain(device, line);
  await line.hearMissed({ action: 'command/insert', deviceId, sinceMs }, (command) => device.missed(command));
  return subscriptionId;
}

async function subscribeAgain(device: SimulatedDevice, line: Connector): Promise<number> {
  try {
    return subscriptionIdOf(await line.ask('command/subscribe', { deviceId: device.plan.id }));
  } catch (error) {
    if (!(error instanceof Failure) || (error.code !== 404 && error.code !== 403)) throw error;
    return saveAndSubscribe(device, line, {});
  }
}

async function find({ plan: { id } }: SimulatedDevice, line: Connector): Promise<FoundDevice> {
  try {
    const { device } = await line.ask('device/get', { deviceId: id });
    return isFrame(device) ? device : 'unknown';
  } catch (error) {
    if (!(error instanceof Failure) || error.reply === undefined) throw error;
    return error.code === 404 ? 'absent' : 'unknown';
  }
}

/**
 * Saves and subscribes without waiting in between: a session finishes a save before its next request (PROTOCOL.md 1.4).
 */
async function saveAndSubscribe({ plan }: SimulatedDevice, line: Connector, known: Frame): Promise<number> {
  const { id, fleet } = plan;
  const name = fleet.name === undefined && typeof known['name'] === 'string' ? known['name'] : plan.name;
  const data = fleet.data ?? known['data'];
  const device = {
    name,
    ...(isFrame(data) ? { data } : {}),
    ...(fleet.network === undefined ? {} : { networkId: fleet.network }),
    ...(fleet.deviceType === undefined ? {} : { deviceTypeId: fleet.deviceType }),
  };
  const [saved, subscribed] = await Promise.allSettled([
    line.ask('device/save', { deviceId: id, device }),
    line.ask('command/subscribe', { deviceId: id }),
  ]);
  if (saved.status === 'rejected') throw saved.reason;
  if (subscribed.status === 'rejected') throw subscribed.reason;
  return subscriptionIdOf(subscribed.value);
}

function subscriptionIdOf(reply: ReplyFrame): number {
  return typeof reply['subscriptionId'] === 'number' ? reply['subscriptionId'] : 0;
}
