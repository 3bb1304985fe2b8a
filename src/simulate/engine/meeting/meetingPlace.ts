import { Tries, type Connection } from '../../../client/index.ts';
import { Failure, reworded } from '../../../errors.ts';
import { isFrame, type Frame } from '../../../protocol/frames.ts';
import { own } from '../../../protocol/own.ts';
import { parseTimestamp } from '../../../protocol/timestamps.ts';
import type { Plan, Shard } from '../../plan/index.ts';
import { Meeting, type MeetingNews } from './meeting.ts';

/** Where and how the shards of a run meet. */
export interface MeetingPlaceOptions {
  readonly plan: Plan;
  /** The digest of the plan. */
  readonly digest: string;
  readonly shard: Shard;
  /** How long the first ready shard waits for the others, in ms. */
  readonly timeoutMs: number;
  /** Opens a separate connection. */
  readonly connect: () => Promise<Connection>;
}

/** An agreed start, in ms since 1970. */
export interface AgreedStart {
  /** By the clock of this machine. */
  readonly originMs: number;
  /** Offset from the clock of this machine to that of the server. */
  readonly aheadMs: number;
}

/** The name of the commands that shards send each other. */
const messageName = 'simulation-start';
const firstPauseMs = 500;

/**
 * The place where the shards of a run agree on their start: a separate device on the server under test. Shards send it
 * commands and subscribe to those of this one device, which does a server no harm.
 */
export class MeetingPlace {
  readonly #options: MeetingPlaceOptions;
  readonly #meeting: Meeting;
  readonly #deviceId: string;
  readonly #tries = new Tries(firstPauseMs);
  readonly #timers = new Set<NodeJS.Timeout>();
  #connection: Connection | undefined;
  #aheadMs = 0;
  #wasMade = false;
  #isClosed = false;

  constructor(options: MeetingPlaceOptions) {
    const { digest, shard, timeoutMs } = options;
    this.#options = options;
    this.#deviceId = `start-of-${digest}-in-${shard.count}`;
    this.#meeting = new Meeting({
      shard,
      timeoutMs,
      say: (news) => this.#say(news),
      nowMs: () => Date.now() + this.#aheadMs,
      schedule: (afterMs, run) => this.#schedule(afterMs, run),
    });
  }

  /** The shards that have not been heard of. */
  get absent(): readonly number[] {
    return this.#meeting.absent;
  }

  /**
   * Meets the other shards, and answers later ones until it leaves. Throws a `Failure` if the server does not allow it.
   */
  async start(): Promise<AgreedStart> {
    await this.#enter();
    const startMs = await this.#meeting.agreed;
    return { originMs: startMs - this.#aheadMs, aheadMs: this.#aheadMs };
  }

  /** Leaves the meeting. Removes the device at the end of the run, or if this shard created it. */
  async leave(isEnd: boolean): Promise<void> {
    this.#isClosed = true;
    this.#meeting.close();
    for (const timer of this.#timers) clearTimeout(timer);
    if (isEnd || this.#wasMade)
      await this.#connection?.request('device/delete', { deviceId: this.#deviceId }).catch(() => undefined);
    await this.#connection?.close();
  }

  /** Connects and subscribes; throws the first time. A connection lost later is made again. */
  async #enter(): Promise<void> {
    try {
      const connection = await this.#options.connect();
      if (this.#isClosed) return await connection.close();
      this.#connection = connection;
      this.#tries.opened(performance.now());
      await this.#askTime(connection);
      const pushes = await this.#subscribe(connection);
      void this.#listen(pushes);
      this.#meeting.join();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw reworded(error, `the shards cannot meet at the server: ${error.message}`, {
        hint: 'The token needs GetDeviceCommand, CreateDeviceCommand and RegisterDevice for a device of its own. Or give all shards the same --start-at TIME.',
      });
    }
  }

  async #listen(pushes: AsyncIterable<Frame>): Promise<void> {
    try {
      for await (const push of pushes) {
        const news = newsOf(push, this.#options.shard);
        if (news !== undefined && !this.#isClosed) this.#meeting.hear(news);
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    this.#enterAgain();
  }

  #enterAgain(): void {
    if (this.#isClosed) return;
    void this.#connection?.close();
    this.#tries.lost(performance.now());
    this.#schedule(this.#tries.next(), () => void this.#enter().catch(() => this.#enterAgain()));
  }

  /** Asks the server for its time, which is the same for all shards; clocks of machines differ. */
  async #askTime(connection: Connection): Promise<void> {
    const sentMs = Date.now();
    const { reply } = await connection.request('server/info', {});
    const serverMs = parseTimestamp(reply.info.serverTimestamp);
    if (serverMs !== undefined) this.#aheadMs = serverMs - (sentMs + Date.now()) / 2;
  }

  /** Subscribes to the device; the first shard creates it. */
  async #subscribe(connection: Connection): Promise<AsyncIterable<Frame>> {
    const fields = { deviceId: this.#deviceId, names: [messageName] };
    try {
      return await connection.subscribe('command/subscribe', fields);
    } catch (error) {
      if (!(error instanceof Failure) || (error.code !== 404 && error.code !== 403)) throw error;
    }
    const [{ network: networkId, deviceType: deviceTypeId } = {}] = this.#options.plan.fleets;
    const device = {
      name: this.#deviceId,
      ...(networkId === undefined ? {} : { networkId }),
      ...(deviceTypeId === undefined ? {} : { deviceTypeId }),
    };
    await connection.request('device/save', { deviceId: this.#deviceId, device });
    this.#wasMade = true;
    return connection.subscribe('command/subscribe', fields);
  }

  #say(news: MeetingNews): void {
    const command = { command: messageName, parameters: news };
    // the subscription notices a lost connection, and this news is then sent over the next one
    this.#connection?.request('command/insert', { deviceId: this.#deviceId, command }).catch(() => undefined);
  }

  #schedule(afterMs: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, afterMs);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }
}

/** Parses a command of the meeting. Returns undefined if it holds no news, or names shards that do not exist. */
function newsOf({ command }: Frame, { count }: Shard): MeetingNews | undefined {
  const parameters = isFrame(command) ? command['parameters'] : undefined;
  if (!isFrame(parameters)) return undefined;
  const ready = own(parameters, 'ready');
  const startMs = own(parameters, 'startMs');
  if (!isFrame(ready) || (startMs !== undefined && typeof startMs !== 'number')) return undefined;
  const isFit = Object.entries(ready).every(([shard, ms]) => Number(shard) < count && typeof ms === 'number');
  if (!isFit) return undefined;
  return { ready: ready as MeetingNews['ready'], ...(startMs === undefined ? {} : { startMs }) };
}
