import type { Documents } from '../../protocol/generated/types.ts';

/** The measurements of one run or of one shard: `schemas/report.json`. */
export type Bundle = Documents['report'];

/** The version of the format that this program writes. */
export const bundleVersion = 1;

/** The statistics of one hop's samples; times in ms, 0 without samples. */
export type HopSummary = Bundle['hops'][string];

/** The same without the samples themselves. */
export type HopFigures = Omit<HopSummary, 'histogram'>;

/** One step of a timeline. */
export type Point = Bundle['timeline']['points'][number];

/** The counts of a ledger for commands, notifications or updates. */
export type LedgerEntry = Bundle['ledger']['commands'];

/** The facts that show whether the load generator kept up. */
export type LoadGenerator = Bundle['generator'];

/** One thing that went wrong, and how often. */
export type ErrorCount = Bundle['errors'][number];

/** The timed parts of a conversation. */
export const hopNames = [
  'command.accepted',
  'command.delivered',
  'command.handled',
  'command.told',
  'command.total',
  'notification.accepted',
  'update.accepted',
  'connect',
  'send.lag',
  'loop.delay',
] as const;

/**
 * A hop, and its beginning and end: `command.accepted` from the due time of an insert to its reply, `command.delivered`
 * from the due time to the device, `command.handled` from there to its last update, `command.told` from an update sent
 * to the operator, `command.total` from the due time to the update that ends the command, `notification.accepted` from
 * the due time to the reply, `update.accepted` from an update sent to its reply, `connect` from the start to the
 * subscription, `send.lag` from the due time to the sending, `loop.delay` of timers.
 */
export type HopName = (typeof hopNames)[number];

/** The title of each hop, for people. */
export const hopTitles: Readonly<Record<HopName, string>> = {
  'command.accepted': 'insert → reply',
  'command.delivered': 'insert → device',
  'command.handled': 'in the device',
  'command.told': 'update → operator',
  'command.total': 'insert → last update',
  'notification.accepted': 'insert → reply',
  'update.accepted': 'update → reply',
  connect: 'until subscribed',
  'send.lag': 'due → sent',
  'loop.delay': 'event loop late',
};

/** The names of the counters. */
export const counterNames = [
  'sent',
  'received',
  'refused',
  'timeouts',
  'errors',
  'disconnects',
  'plannedDisconnects',
  'reconnects',
  'repeated',
  'unanswered',
] as const;

/**
 * A counter: requests sent, frames received, requests refused, without a reply in time, and failed in any way
 * (including these two); connections lost, those of them cut by faults of the plan, and connections made again; updates
 * sent again because they were not acknowledged; commands without the awaited update in time.
 */
export type CounterName = (typeof counterNames)[number];

/** The title of each counter, for people. */
export const counterTitles: Readonly<Record<CounterName, string>> = {
  sent: 'requests sent',
  received: 'frames received',
  refused: 'requests refused',
  timeouts: 'requests without a reply in time',
  errors: 'requests that failed',
  disconnects: 'connections lost',
  plannedDisconnects: 'connections lost as planned',
  reconnects: 'connections made again',
  repeated: 'updates sent again',
  unanswered: 'commands without an answer in time',
};

/** The kinds of messages that a ledger keeps. */
export const accountNames = ['commands', 'notifications', 'updates'] as const;

/** A kind of message in a ledger. */
export type AccountName = (typeof accountNames)[number];
