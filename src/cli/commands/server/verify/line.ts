import { rawChannels, type Channel, type Closed, type ConnectOptions } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import { shallowJson } from '../../../../protocol/depth.ts';
import { isFrame, type Frame } from '../../../../protocol/frames.ts';

/** One connection of a scenario; it keeps what arrives, in order, until a step takes it. */
export class ScenarioConnection {
  /** True if it is authenticated with the token that the command was given. */
  readonly isCallers: boolean;
  readonly #signal: AbortSignal;
  #channel: Channel | undefined;
  #unread: unknown[] = [];
  /** Replies, by request id, that must not come or come too late to matter. */
  readonly #aside = new Map<unknown, Frame | undefined>();
  #closed: Closed | undefined;
  #changed: () => void = () => undefined;
  #lastId = 0;

  private constructor(isCallers: boolean, signal: AbortSignal) {
    this.isCallers = isCallers;
    this.#signal = signal;
  }

  /** Opens a connection; `isCallers` notes that it will hold the caller's session. Throws as `openChannel` does. */
  static async open(
    options: Omit<ConnectOptions, 'credentials'>,
    isCallers: boolean,
    signal: AbortSignal,
  ): Promise<ScenarioConnection> {
    const line = new ScenarioConnection(isCallers, signal);
    const { openChannel } = await rawChannels();
    line.#channel = await openChannel(
      { ...options, signal },
      {
        onText: (text) => line.#add(parsed(text)),
        onBinary: (byteLength) => line.#add(`(a binary frame of ${byteLength} bytes)`),
        onClosed: (closed) => {
          line.#closed = closed;
          line.#changed();
        },
      },
    );
    return line;
  }

  /** How the connection was closed, by either side. */
  get closed(): Closed | undefined {
    return this.#closed;
  }

  /** Returns a request id that no other request of this connection has. */
  nextId(): string {
    return `verify-${++this.#lastId}`;
  }

  send(text: string): void {
    this.#channel?.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.#channel?.sendBinary(bytes);
  }

  /**
   * Waits for a reply and takes it. Returns undefined if none comes in time, or the connection closes. Throws an
   * interrupted `Failure`.
   */
  reply(isWanted: (reply: Frame) => boolean, withinMs: number): Promise<Frame | undefined> {
    return this.#until(() => this.#take(isWanted), withinMs);
  }

  /** Keeps a later reply with this id out of the replies that steps wait for. */
  putAside(requestId: unknown): void {
    this.#aside.set(requestId, undefined);
  }

  /** Returns the reply that was put aside, if it came. */
  asideOf(requestId: unknown): Frame | undefined {
    return this.#aside.get(requestId);
  }

  /** Waits for this many frames, then takes and returns all that came. Throws an interrupted `Failure`. */
  async frames(count: number, withinMs: number): Promise<readonly unknown[]> {
    await this.#until(() => (this.#unread.length >= count ? true : undefined), withinMs);
    return this.#unread.splice(0);
  }

  /**
   * Waits for the end of the connection. Returns undefined if it does not come in time. Throws an interrupted
   * `Failure`.
   */
  end(withinMs: number): Promise<Closed | undefined> {
    return this.#until(() => this.#closed, withinMs);
  }

  close(): void {
    this.#channel?.end();
  }

  #add(frame: unknown): void {
    const isAside = isFrame(frame) && 'status' in frame && this.#aside.has(frame['requestId']);
    if (isAside) this.#aside.set(frame['requestId'], frame);
    else this.#unread.push(frame);
    this.#changed();
  }

  #take(isWanted: (reply: Frame) => boolean): Frame | undefined {
    const reply = this.#unread.find((frame) => isFrame(frame) && 'status' in frame && isWanted(frame));
    if (reply === undefined) return undefined;
    this.#unread = this.#unread.filter((frame) => frame !== reply);
    return reply as Frame;
  }

  /** Waits until `find` returns a value. Only one wait at a time: steps follow each other. */
  #until<T>(find: () => T | undefined, withinMs: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#signal.removeEventListener('abort', interrupt);
        this.#changed = () => undefined;
        settle();
      };
      const check = () => {
        const found = find();
        if (found !== undefined || this.#closed !== undefined) finish(() => resolve(found));
      };
      const interrupt = () => finish(() => reject(interruption()));
      const timer = setTimeout(() => finish(() => resolve(undefined)), withinMs);
      this.#signal.addEventListener('abort', interrupt, { once: true });
      this.#changed = check;
      if (this.#signal.aborted) interrupt();
      else check();
    });
  }
}

/** The message of a verification that a signal stopped. */
export const interruptedText = 'stopped while verifying the server';

/** Returns the failure with that message. */
function interruption(): Failure {
  return new Failure('interrupted', interruptedText);
}

/** Parses a received text as JSON; returns it as text if it is not JSON, or nested too deep. */
function parsed(text: string): unknown {
  try {
    return shallowJson(text);
  } catch {
    return text;
  }
}
