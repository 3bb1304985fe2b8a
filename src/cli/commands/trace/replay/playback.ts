import type { Connection } from '../../../../client/index.ts';
import { agree, differences, filled, unboundIn } from '../../../../protocol/recordings/agreement.ts';
import { Bindings } from '../../../../protocol/recordings/bindings.ts';
import { isFrame, type Frame, type PushFrame } from '../../../../protocol/frames.ts';
import { Generaliser } from '../../../../protocol/recordings/generaliser.ts';
import { pause } from '../../../terminal/pause.ts';
import { spokenDuration } from '../../../../protocol/notation/spokenDuration.ts';
import type { Finding } from '../finding.ts';
import type { Moment, PushMoment, ReplyMoment, RequestMoment, SilenceMoment } from '../moments.ts';
import { ReplayLine, type Answer, type Sent } from './replayLine.ts';
import { reasonNotToSend, type ReplayPlan } from './replayPlan.ts';
import { rounded } from '../shownMoment.ts';

/** How a recording is replayed; times in milliseconds. */
export interface ReplayOptions {
  readonly timeoutMs: number;
  /** How much faster than the recording; undefined: as fast as the replies come. */
  readonly speed: number | undefined;
  readonly signal: AbortSignal;
  /** Opens a connection, as a user or anonymous. */
  readonly open: (isAuthenticated: boolean) => Promise<Connection>;
}

type Outcome = Pick<Finding, 'outcome' | 'reason' | 'differences' | 'expected' | 'actual' | 'replyMs' | 'recordedMs'>;

/** Silence shorter than this proves nothing: the recording just ended. */
const provenSilenceMs = 1000;
/** A server that has not answered for this long will not. */
const longestSilenceMs = 2500;

/** More pushes than this do not wait for the replies that tell their ids. */
const maxUnsure = 100;

const neverGot = 'it needs an id or a time that this replay never got';
const tooShort = 'the recording ended before its reply';

/**
 * Does again what a recording did, in its order: a request is sent once everything that had come before it in the recording has come again. Ids and times that the server
 * chose are replaced by those it chooses now.
 */
export class Replay {
  readonly #plan: ReplayPlan;
  readonly #options: ReplayOptions;
  readonly #generaliser: Generaliser;
  readonly #bindings = new Bindings();
  readonly #lines = new Map<number, ReplayLine>();
  /** Requests that were sent, or why they were not. */
  readonly #sent = new Map<RequestMoment, Sent | string>();
  /** Pushes whose ids later replies may tell; they are looked for once those have come. */
  #unsure: { readonly moment: PushMoment; readonly pattern: Frame }[] = [];
  /** Devices that the recording is about: others' pushes are none of its business. */
  readonly #devices = new Set<unknown>();
  #startMs: number | undefined;
  #recordedStartMs = 0;

  constructor(plan: ReplayPlan, options: ReplayOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#generaliser = new Generaliser({ times: plan.times });
  }

  /** Plays a recording and tells what came of each exchange and push. Throws a `Failure` where a connection cannot be made or is lost. */
  async *run(recording: AsyncIterable<Moment>): AsyncGenerator<Finding, void> {
    for await (const moment of recording) {
      yield* this.#play(moment);
      this.#bindings.settle();
    }
    for (const connection of this.#lines.keys()) yield* this.#close(connection);
  }

  async *#play(moment: Moment): AsyncGenerator<Finding, void> {
    switch (moment.kind) {
      case 'opened':
        await this.#pace(moment.atMs);
        await this.#line(moment.connection);
        break;
      case 'request':
        yield* this.#request(moment);
        break;
      case 'reply':
      case 'silence':
        yield* await this.#end(moment);
        yield* this.#settle(maxUnsure);
        break;
      case 'push':
        this.#unsure.push({ moment, pattern: this.#generaliser.received(moment.frame) });
        this.#devices.add(deviceOf(moment.frame));
        yield* this.#settle(maxUnsure);
        break;
      case 'closed':
        yield* this.#close(moment.connection);
        break;
      case 'noise':
    }
  }

  async #line(connection: number): Promise<ReplayLine> {
    let line = this.#lines.get(connection);
    if (line === undefined) {
      const { open, timeoutMs, signal } = this.#options;
      line = new ReplayLine(await open(this.#plan.authenticated.has(connection)), timeoutMs, signal);
      this.#lines.set(connection, line);
    }
    return line;
  }

  /** Keeps the pace of the recording, where that is wanted. */
  async #pace(atMs: number): Promise<void> {
    const { speed, signal } = this.#options;
    if (this.#startMs === undefined) {
      this.#startMs = performance.now();
      this.#recordedStartMs = atMs;
    }
    if (speed === undefined) return;
    const waitMs = this.#startMs + (atMs - this.#recordedStartMs) / speed - performance.now();
    if (waitMs > 0) await pause(waitMs, signal, 'stopped while replaying');
  }

  async *#request(moment: RequestMoment): AsyncGenerator<Finding, void> {
    const { frame, connection, atMs } = moment;
    const pattern = this.#generaliser.sent(frame);
    this.#devices.add(frame['deviceId']);
    if (unboundIn(pattern, this.#bindings).length > 0) yield* this.#settle(0);
    const missing = unboundIn(pattern, this.#bindings).length > 0 ? neverGot : undefined;
    const reason = reasonNotToSend(moment) ?? missing;
    if (reason !== undefined) return void this.#sent.set(moment, reason);
    await this.#pace(atMs);
    const line = await this.#line(connection);
    const { action, ...payload } = filled(pattern, this.#bindings) as Frame;
    const { requestId } = frame;
    this.#sent.set(moment, line.send(String(action), payload, Number.isInteger(requestId) ? undefined : requestId));
  }

  /** What came of an exchange when it ended in the recording; nothing is told of authenticating. */
  async #end(moment: ReplyMoment | SilenceMoment): Promise<Finding[]> {
    const { request } = moment;
    const { line, action, frame } = request;
    const pattern = moment.kind === 'reply' ? this.#generaliser.received(moment.frame) : {};
    const sent = this.#take(request);
    if (action === 'authenticate') return [];
    const exchange = { kind: 'exchange', line, action } as const;
    const skipped = (reason: string): Finding[] => [{ ...exchange, outcome: 'skipped', reason, request: frame }];
    if (typeof sent === 'string') return skipped(sent);
    if (moment.kind === 'silence' && moment.waitedMs < provenSilenceMs) return skipped(tooShort);
    const found =
      moment.kind === 'reply' ? await this.#reply(moment, pattern, sent) : await this.#silence(moment, sent);
    return [{ ...exchange, ...found, ...(found.outcome === 'differs' ? { request: frame } : {}) }];
  }

  async #reply({ request, frame, replyMs }: ReplyMoment, pattern: Frame, sent: Sent): Promise<Outcome> {
    const answer = await sent.answer;
    if (answer.kind === 'silence') return { outcome: 'differs', expected: frame, actual: null, reason: answer.message };
    const { requestId: _requestId, ...received } = answer.frame;
    const isOrdered = 'sortField' in request.frame;
    const found = differences(pattern, received, this.#bindings, { isOrdered });
    const times = { replyMs: rounded(answer.replyMs), recordedMs: rounded(replyMs) };
    if (found.length === 0) return { outcome: 'agrees', ...times };
    return { outcome: 'differs', ...times, differences: found, expected: frame, actual: answer.frame };
  }

  async #silence({ waitedMs }: SilenceMoment, sent: Sent): Promise<Outcome> {
    const answer = await this.#answerWithin(sent, Math.min(waitedMs, longestSilenceMs));
    if (answer === undefined || answer.kind === 'silence') return { outcome: 'agrees' };
    const reason = `the recording shows no reply within ${spokenDuration(waitedMs)}`;
    return { outcome: 'differs', reason, expected: null, actual: answer.frame };
  }

  #take(request: RequestMoment): Sent | string {
    const sent = this.#sent.get(request) ?? tooShort;
    this.#sent.delete(request);
    return sent;
  }

  async #answerWithin({ answer, atMs }: Sent, ms: number): Promise<Answer | undefined> {
    const enough = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, enough.signal]);
    const wait = pause(Math.max(atMs + ms - performance.now(), 0), signal, 'stopped while replaying');
    try {
      return await Promise.race([answer, wait.then(() => undefined)]);
    } finally {
      wait.catch(() => undefined);
      enough.abort();
    }
  }

  /** Looks for the pushes that were recorded: those whose ids are known, and the oldest others beyond so many. */
  async *#settle(keep: number): AsyncGenerator<Finding, void> {
    let excess = this.#unsure.length - keep;
    for (const unsure of this.#unsure.splice(0)) {
      const { moment, pattern } = unsure;
      const isKnown = unboundIn(pattern, this.#bindings).length === 0;
      if (isKnown || excess-- > 0) yield await this.#push(moment, pattern);
      else this.#unsure.push(unsure);
    }
  }

  async #push({ frame, connection, line: number }: PushMoment, pattern: Frame): Promise<Finding> {
    const line = await this.#line(connection);
    const push = { kind: 'push', line: number, action: frame.action } as const;
    const isThis = (other: PushFrame) => agree(pattern, other, this.#bindings, { isOrdered: true });
    if ((await line.push(isThis)) !== undefined) return { ...push, outcome: 'agrees' };
    const received = line.takePush((other) => other.action === frame.action);
    if (received === undefined) return { ...push, outcome: 'missing', expected: frame };
    const found = differences(pattern, received, this.#bindings, { isOrdered: true });
    return { ...push, outcome: 'differs', differences: found, expected: frame, actual: received };
  }

  /** What came and was not recorded is told, as far as it is about the recording's devices. */
  async *#close(connection: number): AsyncGenerator<Finding, void> {
    const line = this.#lines.get(connection);
    if (line === undefined) return;
    yield* this.#settle(0);
    this.#lines.delete(connection);
    await line.close();
    for (let push = line.takePush(() => true); push !== undefined; push = line.takePush(() => true)) {
      const isOurs = this.#devices.has(deviceOf(push));
      if (isOurs) yield { kind: 'push', outcome: 'unexpected', action: push.action, actual: push };
    }
  }
}

function deviceOf(push: PushFrame): unknown {
  const resource = push['command'] ?? push['notification'];
  return isFrame(resource) ? resource['deviceId'] : undefined;
}
