import { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { Harms } from './harm/harms.ts';
import { Joins } from './harm/joins.ts';
import { Intake } from './intake.ts';
import type { JsonText } from './reading/jsonValues.ts';
import type { Log } from './log.ts';
import { ConfigurationStore, secretName } from './store/configuration.ts';
import { DeviceStore } from './store/devices.ts';
import { GroupStore } from './store/groups.ts';
import { MessageStore, type Command, type Notification } from './store/messages.ts';
import { UserStore } from './store/users.ts';
import { SubscriptionRegistry } from './subscriptions.ts';
import { TokenSigner } from './rights/tokens.ts';
import type { PageGuard } from './pageGuard.ts';

/** How a hive behaves. */
export interface HiveOptions {
  readonly clock: Clock;
  /** Must not throw. */
  readonly log: Log;
  /** Reply where the real server is silent, and report clients' mistakes where it sends a 500. */
  readonly answerAll: boolean;
  /** Other machines can reach the server: add the access checks that the real one lacks (PROTOCOL.md 7, Q33). */
  readonly isExposed: boolean;
  /** Refuse requests that would have stopped a real server, instead of only counting them. */
  readonly refusesHarm: boolean;
  /** Return unsorted lists in random order, since the real server promises none (PROTOCOL.md 4.14, 5.6, 7 Q45). */
  readonly arbitraryOrder?: boolean;
  /** Latency of the message bus in ms (PROTOCOL.md 1.4). Default 0: deliveries are immediate. */
  readonly latencyMs?: number;
}

/** The state of one server: entities, subscriptions, clock. It knows nothing of sockets or files. */
export class Hive {
  readonly clock: Clock;
  readonly log: Log;
  readonly answerAll: boolean;
  readonly isExposed: boolean;
  /** Counts requests that would have stopped a real server. */
  readonly harms: Harms;
  /** Watches for handlers that would wait inside an I/O thread of a real server. */
  readonly joins: Joins;
  readonly arbitraryOrder: boolean;
  /** Absent where deliveries are immediate. */
  readonly bus: Bus | undefined;
  readonly users = new UserStore();
  readonly networks = new GroupStore();
  readonly deviceTypes = new GroupStore();
  readonly devices = new DeviceStore();
  readonly commands = new MessageStore<Command>(
    ({ parameters, status, result }) => lengthOf(parameters) + lengthOf(result) + (status?.length ?? 0),
    aQuarterOfMemory,
    (forgotten) => this.#logRelief(forgotten, 'commands'),
  );
  readonly notifications = new MessageStore<Notification>(
    ({ parameters, notification }) => lengthOf(parameters) + notification.length,
    aQuarterOfMemory,
    (forgotten) => this.#logRelief(forgotten, 'notifications'),
  );
  readonly configuration = new ConfigurationStore();
  readonly subscriptions = new SubscriptionRegistry();
  /** Bounds what clients are sending. */
  readonly intake = new Intake();
  /**
   * Saves all changes since the last call; returns false where saving has failed for good. Absent where nothing is
   * saved.
   */
  keep: (() => boolean) | undefined = undefined;
  /** Present where pages of other sites are kept off. */
  pageGuard: PageGuard | undefined = undefined;
  #tokens: TokenSigner | undefined = undefined;
  #isSweeping = false;

  constructor(options: HiveOptions) {
    this.clock = options.clock;
    this.log = options.log;
    this.answerAll = options.answerAll;
    this.isExposed = options.isExposed;
    this.harms = new Harms(options.log, options.refusesHarm);
    this.joins = new Joins(options.clock, this.harms, options.latencyMs);
    this.arbitraryOrder = options.arbitraryOrder === true;
    const { clock, latencyMs = 0 } = options;
    this.bus = latencyMs > 0 ? new Bus(clock, latencyMs) : undefined;
  }

  /**
   * The signer for the secret in the configuration at first use; a changed secret counts from the next start, as on the
   * real server (PROTOCOL.md 3.1).
   */
  get tokens(): TokenSigner {
    return (this.#tokens ??= new TokenSigner(this.configuration.byName(secretName)?.value ?? ''));
  }

  /**
   * Saves pending changes before any reply about them leaves the server. Where it returns false, the replies must not
   * leave.
   */
  settle(): boolean {
    return this.keep?.() !== false;
  }

  /** Returns the items in the order of an imagined database: as they are, or shuffled with `arbitraryOrder`. */
  unordered<T>(items: Iterable<T>): Iterable<T> {
    return this.arbitraryOrder ? shuffled([...items]) : items;
  }

  #logRelief(forgotten: number, what: string): void {
    const message = `the oldest ${forgotten} ${what} are forgotten before their time: there is no memory for all of them`;
    this.log({ level: 'warn', message, section: 'PROTOCOL.md 6.9' });
  }

  /**
   * Frees the memory of expired commands and notifications, which are invisible already; of many in slices, between
   * which clients are served.
   */
  sweep(): void {
    const nowMs = this.clock.now();
    const endMs = performance.now() + sliceMs;
    let isMore = true;
    while (isMore && performance.now() < endMs) {
      isMore = this.commands.sweep(nowMs, sweptAtOnce) || this.notifications.sweep(nowMs, sweptAtOnce);
    }
    if (isMore && !this.#isSweeping) this.#sweepLater();
  }

  #sweepLater(): void {
    this.#isSweeping = true;
    this.clock.schedule(0, () => {
      this.#isSweeping = false;
      this.sweep();
    });
  }
}

/** How long a slice of the sweep lasts; only after so many messages does it look at the clock. */
const sliceMs = 10;
const sweptAtOnce = 500;

function shuffled<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}

function lengthOf(json: JsonText | null): number {
  return json?.text.length ?? 0;
}

/** Returns a quarter of the heap limit of this process, in bytes. */
function aQuarterOfMemory(): number {
  return process.getBuiltinModule('node:v8').getHeapStatistics().heap_size_limit / 4;
}
