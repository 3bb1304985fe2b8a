import type { Hive } from '../hive.ts';
import { hashedPassword } from '../rights/passwords.ts';
import { secretName } from '../store/configuration.ts';
import { active, administratorRole, type User } from '../store/users.ts';

/** The login of a fresh DeviceHive's administrator (PROTOCOL.md 3.7). */
export const administratorLogin = 'dhadmin';
/** The administrator's password in a fresh DeviceHive, publicly known (PROTOCOL.md 3.7). */
export const wellKnownPassword = 'dhadmin_#911';
/** The default secret for signing tokens, publicly known (PROTOCOL.md 3.1). */
export const wellKnownSecret = 'devicehive';

/** Names and descriptions of a fresh installation's device types (PROTOCOL.md 3.7). */
const deviceTypes: readonly (readonly [string, string])[] = [
  ['Default Device Type', 'Default DeviceHive device type'],
  ['Cameras', 'Enable your smart home cameras to enable real time streaming'],
  ['Lightning', 'Devices to turn smart lights on and off, change the brightness, specify colors'],
  ['Door Locks', 'Check the state of your door locks and manipulate if needed'],
  ['Thermostats', 'Devices to control thermostat settings and to report current temperatures'],
  ['Entertainment', 'Control of your smart TVs, receivers, and other entertainment devices'],
  ['Cars', 'Devices to develop your own smart cars'],
  ['Cooking', 'Cooking devices for hands-free control in your kitchen'],
];

/** Choices for a fresh installation. */
export interface FreshOptions {
  readonly secret: string;
  readonly adminPassword: string;
  /** Add device d1 with command 42, which never expires. */
  readonly demo: boolean;
}

/** Fills an empty hive with the content of a new database, and returns its administrator (PROTOCOL.md 3.7). */
export function fillFresh(hive: Hive, { secret, adminPassword, demo }: FreshOptions): User {
  const network = hive.networks.insert({ name: 'Sample Network', description: 'A DeviceHive Sample Network' });
  const administrator = hive.users.create({
    login: administratorLogin,
    password: hashedPassword(adminPassword),
    role: administratorRole,
    status: active,
    data: null,
    introReviewed: false,
    allDeviceTypesAvailable: true,
  });
  hive.users.assign(administrator, 'networks', network.id);
  for (const [name, description] of deviceTypes) hive.deviceTypes.insert({ name, description });
  hive.configuration.put('user.login.lastTimeout', '1000');
  hive.configuration.put(secretName, secret);
  insertDevice(hive, 'e50d6085-2aba-48e9-b1c3-73c673e414be', 'Sample Device');
  if (demo) addDemo(hive, administrator.id);
  return administrator;
}

function addDemo(hive: Hive, userId: number): void {
  insertDevice(hive, 'd1', 'd1');
  const nowMs = hive.clock.now();
  const command = {
    id: 42,
    command: 'blink',
    timestamp: nowMs,
    lastUpdated: nowMs,
    userId,
    deviceId: 'd1',
    networkId: 1,
    deviceTypeId: 1,
    parameters: null,
    lifetime: null,
    status: null,
    result: null,
    isUpdated: false,
    expiresAt: Infinity,
  };
  hive.commands.insert(command, nowMs);
}

function insertDevice(hive: Hive, id: string, name: string): void {
  hive.devices.add({ id, name, data: null, networkId: 1, deviceTypeId: 1, isBlocked: false });
}
