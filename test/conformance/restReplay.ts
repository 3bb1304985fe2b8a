import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { agree, filled } from '../../src/protocol/recordings/agreement.ts';
import { Bindings } from '../../src/protocol/recordings/bindings.ts';
import type { LogEntry, RunningServer } from '../../src/server/index.ts';
import { embeddedServer } from '../helpers/embeddedServer.ts';
import { FakeClock } from '../server/fakeClock.ts';

/** One step of a REST vector: a request and its answer, or one of the two. */
export interface RestStep {
  readonly note?: string;
  readonly service?: 'main' | 'auth';
  readonly bearer?: string | null;
  readonly authorization?: string;
  readonly method?: string;
  readonly path?: string;
  readonly accept?: string;
  readonly contentType?: string | null;
  readonly body?: unknown;
  readonly bodyText?: string;
  readonly expect?: unknown;
  /** Starts a request whose answer a later step waits for. */
  readonly start?: string;
  readonly finish?: string;
}

/** A recorded scenario. */
export interface RestVector {
  readonly scenario: string;
  readonly steps: readonly RestStep[];
}

/** A step in which server and recording differ. `index` counts from 0. */
export interface RestDisagreement {
  readonly index: number;
  readonly step: RestStep;
  readonly actual: unknown;
}

/** What came back; null where the server stayed silent. */
type Answer = { readonly status: number; readonly type: string | null; readonly text: string } | null;

/**
 * A clock whose timers run on command. It reports each timer of a request, but not those of the server's half-minute
 * rounds.
 */
class PollClock extends FakeClock {
  onSchedule: () => void = () => undefined;
  #isAdvancing = false;

  override schedule(delayMs: number, task: () => void): () => void {
    const cancel = super.schedule(delayMs, task);
    if (!this.#isAdvancing) this.onSchedule();
    return cancel;
  }

  override advance(ms: number): void {
    this.#isAdvancing = true;
    super.advance(ms);
    this.#isAdvancing = false;
  }
}

/**
 * Plays a scenario over real HTTP against a fresh server. Returns the steps that differ from the recording. No time
 * passes: polls end when the replay ends them, and the server's log shows which requests get no answer.
 */
export async function replayRest(vector: RestVector): Promise<RestDisagreement[]> {
  const clock = new PollClock();
  const log: LogEntry[] = [];
  let onLog: () => void = () => undefined;
  const tell = (entry: LogEntry) => {
    log.push(entry);
    onLog();
  };
  await using server = await embeddedServer({ clock, log: tell });
  using replayer = new RestReplayer(server, clock, (listener) => (onLog = listener));
  const disagreements: RestDisagreement[] = [];
  for (const [index, step] of vector.steps.entries()) {
    const actual = await replayer.play(step);
    if (actual !== undefined) disagreements.push({ index, step, actual });
  }
  return disagreements;
}

/** Returns the disagreements as text for people. */
export function describedRest(disagreements: readonly RestDisagreement[]): string {
  return disagreements
    .map(({ index, step: { expect, note = '', ...sent }, actual }) => {
      const lines = [['sent', sent] as const, ['recorded', expect] as const, ['received', actual] as const];
      return [
        `step ${index} (${note})`,
        ...lines.map(([what, value]) => `  ${what.padEnd(8)} ${JSON.stringify(value)}`),
      ].join('\n');
    })
    .join('\n');
}

class RestReplayer {
  readonly #server: RunningServer;
  readonly #clock: PollClock;
  readonly #onLog: (listener: () => void) => void;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #started = new Map<string, Promise<Answer>>();
  readonly #bindings: Bindings;

  constructor(server: RunningServer, clock: PollClock, onLog: (listener: () => void) => void) {
    this.#server = server;
    this.#clock = clock;
    this.#onLog = onLog;
    this.#bindings = new Bindings([
      ['login', server.login],
      ['password', server.password],
      ['unique:1', Math.random().toString(36).slice(2, 10)],
    ]);
  }

  /** Plays a step. Returns the answer where it differs from the recording. */
  async play(step: RestStep): Promise<unknown> {
    if (step.start !== undefined) {
      const waits = new Promise<void>((resolve) => (this.#clock.onSchedule = resolve));
      this.#started.set(step.start, this.#ask(step));
      await waits;
      return undefined;
    }
    const answer = await (step.finish === undefined ? this.#askInTime(step) : this.#finished(step.finish));
    return this.#isAsRecorded(step.expect, answer) ? undefined : (answer ?? null);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** Sends a poll and ends its wait at once. */
  #askInTime(step: RestStep): Promise<Answer> {
    this.#clock.onSchedule = () => setImmediate(() => this.#clock.advance(60_000));
    return this.#ask(step);
  }

  /**
   * Returns the answer of a started request. Pushes to a poll are sent before the reply to the request that caused
   * them; a poll that is still open ends with its time.
   */
  async #finished(name: string): Promise<Answer> {
    const answer = this.#started.get(name) ?? Promise.resolve(null);
    await this.#ask({ method: 'GET', path: '/info', bearer: null });
    this.#clock.advance(60_000);
    return answer;
  }

  async #ask(step: RestStep): Promise<Answer> {
    const path = `/${step.service === 'auth' ? 'auth' : 'dh'}/rest${String(this.#filled(step.path ?? ''))}`;
    const call = httpRequest({
      host: '127.0.0.1',
      port: this.#server.port,
      agent: this.#agent,
      method: step.method,
      path,
      headers: this.#headers(step),
    });
    const silence = new Promise<null>((resolve) => this.#onLog(() => resolve(null)));
    call.end(this.#body(step));
    const response = await Promise.race([once(call, 'response') as Promise<[IncomingMessage]>, silence]);
    if (response === null) {
      call.on('error', () => undefined).destroy();
      return null;
    }
    const [message] = response;
    let text = '';
    for await (const chunk of message) text += String(chunk);
    return { status: message.statusCode ?? 0, type: message.headers['content-type'] ?? null, text };
  }

  #headers({ bearer, authorization, accept = '*/*', method, contentType }: RestStep): Record<string, string> {
    const token = typeof bearer === 'string' ? `Bearer ${String(this.#filled(bearer))}` : undefined;
    const header = authorization === undefined ? token : String(this.#filled(authorization));
    const type = contentType === undefined && method !== 'GET' ? 'application/json' : (contentType ?? undefined);
    return {
      accept,
      ...(header === undefined ? {} : { authorization: header }),
      ...(type === undefined ? {} : { 'content-type': type }),
    };
  }

  #body({ body, bodyText }: RestStep): string | undefined {
    if (bodyText !== undefined) return String(this.#filled(bodyText));
    return body === undefined ? undefined : JSON.stringify(this.#filled(body));
  }

  #filled(value: unknown): unknown {
    return filled(value, this.#bindings);
  }

  #isAsRecorded(expected: unknown, answer: Answer): boolean {
    if (expected === null || typeof expected !== 'object') return (expected === null) === (answer === null);
    if (answer === null) return false;
    const { ordered: isOrdered = false, ...recorded } = expected as { ordered?: boolean; text?: unknown };
    const { text, ...rest } = answer;
    const said = 'text' in recorded ? { ...rest, text } : { ...rest, body: text === '' ? 'empty' : parsed(text) };
    return agree(recorded, said, this.#bindings, { isOrdered });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
