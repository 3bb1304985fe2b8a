import type { Frame } from '../../protocol/frames.ts';
import type { Flag } from './flags.ts';
import { own } from '../../protocol/own.ts';

/** The list that holds the possible values of a field, and how its items are described. */
export interface FieldSource {
  readonly action: string;
  readonly label: (item: Frame) => readonly unknown[];
  /** The list is that of one device, which must be known. */
  readonly ofDevice: boolean;
}

const networks = source('network/list', ({ name, description }) => [name, description]);
const deviceTypes = source('devicetype/list', ({ name, description }) => [name, description]);

/**
 * By the last name of a field's path. A command is never asked for with `command/get`, which may freeze a server
 * (PROTOCOL.md 0.1).
 */
const sources: Readonly<Record<string, FieldSource>> = {
  deviceId: source('device/list', ({ name }) => [name]),
  networkId: networks,
  networkIds: networks,
  deviceTypeId: deviceTypes,
  deviceTypeIds: deviceTypes,
  userId: source('user/list', ({ login }) => [login]),
  commandId: source('command/list', messageLabel, true),
  notificationId: source('notification/list', messageLabel, true),
};

function source(action: string, label: FieldSource['label'], ofDevice = false): FieldSource {
  return { action, label, ofDevice };
}

function messageLabel({ command, notification, status, timestamp }: Frame): readonly unknown[] {
  return [command, notification, status, timestamp];
}

/** Where the values of this field are found; undefined where no server knows them. */
export function sourceOf({ path }: Flag): FieldSource | undefined {
  return own(sources, path.at(-1) ?? '');
}

/** Returns the description of an item, on one line. */
export function labelOf({ label }: FieldSource, item: Frame): string {
  return label(item)
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .join(', ');
}
