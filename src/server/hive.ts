import { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { Harms } from './harm/harms.ts';
import { Joining } from './harm/joining.ts';
import type { JsonText } from './reading/jsonValues.ts';
import type { Log } from './log.ts';
import { ConfigurationStore, secretName } from './store/configuration.ts';
import { DeviceStore } from './store/devices.ts';
import { GroupStore } from './store/groups.ts';
import { MessageStore, type Command, type Notification } from './store/messages.ts';
import { UserStore } from './store/users.ts';
import { SubscriptionRegistry } from './subscriptions.ts';
import { TokenSigner } from './rights/tokens.ts';

/** What a hive is told at its start. */
export interface HiveOptions {
  readonly clock: Clock;
  /** Must not throw. */
  readonly log: Log;
  /** Reply where the real server is silent, and tell clients their mistakes instead of a 500. */
  readonly answerAll: boolean;
  /** Others can reach the server: make up for the checks that the real one lacks (PROTOCOL.md 7, Q33). */
  readonly isExposed: boolean;
  /** Refuse what would have stopped a real server, instead of counting it only. */
  readonly refusesHarm: boolean;
  /** Imitate that the real server has no order where none is asked for (PROTOCOL.md 4.14, 5.6, 7 Q45). */
  readonly arbitraryOrder?: boolean;
  /** How long the message bus takes, in ms (PROTOCOL.md 1.4). Default 0: no time at all. */
  readonly latencyMs?: number;
}

/** Everything that one server knows: entities, subscriptions, time. It knows nothing of sockets, nor of files. */
export class Hive {
  readonly clock: Clock;
  readonly log: Log;
  readonly answerAll: boolean;
  readonly isExposed: boolean;
  /** What would have stopped a real server so far. */
  readonly harms: Harms;
  /** Who waits for what at the same time. */
  readonly joining: Joining;
  readonly arbitraryOrder: boolean;
  /** Absent where what goes over it takes no time. */
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
  /**
   * Keeps what changed since the last time; false where that is not possible any more. Absent where nothing is to
   * outlive this process.
   */
  keep: (() => boolean) | undefined = undefined;
  #tokens: TokenSigner | undefined = undefined;

  constructor(options: HiveOptions) {
    this.clock = options.clock;
    this.log = options.log;
    this.answerAll = options.answerAll;
    this.isExposed = options.isExposed;
    this.harms = new Harms(options.log, options.refusesHarm);
    this.joining = new Joining(options.clock, this.harms, options.latencyMs);
    this.arbitraryOrder = options.arbitraryOrder === true;
    const { clock, latencyMs = 0 } = options;
    this.bus = latencyMs > 0 ? new Bus(clock, latencyMs) : undefined;
  }

  /**
   * Signed with the secret that the configuration holds at the start; as on the real server another one counts from the
   * next start on (PROTOCOL.md 3.1).
   */
  get tokens(): TokenSigner {
    return (this.#tokens ??= new TokenSigner(this.configuration.byName(secretName)?.value ?? ''));
  }

  /**
   * To be called before anything leaves that was said since the last call: what it acknowledges is kept then. Where
   * this gives false, it must not leave.
   */
  settle(): boolean {
    return this.keep?.() !== false;
  }

  /** These items in the order in which the database would give them: as they are, or any other each time. */
  unordered<T>(items: Iterable<T>): Iterable<T> {
    return this.arbitraryOrder ? shuffled([...items]) : items;
  }

  #logRelief(forgotten: number, what: string): void {
    const message = `the oldest ${forgotten} ${what} are forgotten before their time: there is no memory for all of them`;
    this.log({ level: 'warn', message, section: 'PROTOCOL.md 6.9' });
  }

  /** Forgets expired commands and notifications; what is expired is invisible anyway. */
  sweep(): void {
    const nowMs = this.clock.now();
    this.commands.sweep(nowMs);
    this.notifications.sweep(nowMs);
  }
}

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

/** In bytes. */
function aQuarterOfMemory(): number {
  return process.getBuiltinModule('node:v8').getHeapStatistics().heap_size_limit / 4;
}
