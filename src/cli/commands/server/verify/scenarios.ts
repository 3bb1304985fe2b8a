import anonymous from './scenarios/anonymous.json' with { type: 'json' };
import binaryFrame from './scenarios/binary-frame.json' with { type: 'json' };
import commandGet from './scenarios/command-get.json' with { type: 'json' };
import commandLifecycle from './scenarios/command-lifecycle.json' with { type: 'json' };
import commandRefusals from './scenarios/command-refusals.json' with { type: 'json' };
import commandSubscriptions from './scenarios/command-subscriptions.json' with { type: 'json' };
import commandUpdate from './scenarios/command-update.json' with { type: 'json' };
import configuration from './scenarios/configuration.json' with { type: 'json' };
import configurationReads from './scenarios/configuration-reads.json' with { type: 'json' };
import deviceLists from './scenarios/device-lists.json' with { type: 'json' };
import devices from './scenarios/devices.json' with { type: 'json' };
import envelope from './scenarios/envelope.json' with { type: 'json' };
import identity from './scenarios/identity.json' with { type: 'json' };
import networkAndTypeLists from './scenarios/network-and-type-lists.json' with { type: 'json' };
import networksAndTypes from './scenarios/networks-and-types.json' with { type: 'json' };
import notificationRefusals from './scenarios/notification-refusals.json' with { type: 'json' };
import notifications from './scenarios/notifications.json' with { type: 'json' };
import roundTrip from './scenarios/round-trip.json' with { type: 'json' };
import serverInformation from './scenarios/server-information.json' with { type: 'json' };
import subscriptions from './scenarios/subscriptions.json' with { type: 'json' };
import tokenCreateRefusals from './scenarios/token-create-refusals.json' with { type: 'json' };
import tokenRefusals from './scenarios/token-refusals.json' with { type: 'json' };
import tokens from './scenarios/tokens.json' with { type: 'json' };
import userLists from './scenarios/user-lists.json' with { type: 'json' };
import users from './scenarios/users.json' with { type: 'json' };
import type { Scenario } from './scenario.ts';

/**
 * Scenarios with the answers of DeviceHive 4.1.0, from recordings and its documentation; none of them harms a server in
 * use.
 */
export const scenarios = [
  anonymous,
  binaryFrame,
  commandRefusals,
  configurationReads,
  deviceLists,
  envelope,
  identity,
  networkAndTypeLists,
  notificationRefusals,
  serverInformation,
  subscriptions,
  tokenCreateRefusals,
  tokenRefusals,
  userLists,
  commandGet,
  commandLifecycle,
  commandSubscriptions,
  commandUpdate,
  configuration,
  devices,
  networksAndTypes,
  notifications,
  roundTrip,
  tokens,
  users,
] as readonly unknown[] as readonly Scenario[];

/** Returns the prefix of all names that a scenario creates, in a check with this prefix. */
export function uniqueOf(scenario: Scenario, prefix: string): string {
  return `${prefix}${String(scenarios.indexOf(scenario)).padStart(2, '0')}`;
}
