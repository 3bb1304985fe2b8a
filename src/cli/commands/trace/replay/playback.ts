import { differences, filled, unboundIn } from '../../../../protocol/recordings/agreement.ts';
import { Bindings } from '../../../../protocol/recordings/bindings.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import { Generaliser } from '../../../../protocol/recordings/generaliser.ts';
import { spokenDuration } from '../../../../protocol/notation/spokenDuration.ts';
import { pause } from '../../../terminal/waiting/pause.ts';
import { bearable } from './bearable.ts';
import { bindCommonItems } from './commonItems.ts';
import type { ReplayFinding } from '../finding.ts';
import { Roles } from './logins.ts';
import type { TraceMoment, ReplyMoment, RequestMoment, SilenceMoment } from '../moments.ts';
import { changesOwnUser } from './ownUser.ts';
import { ReplayedPushes, uncaused } from './replayedPushes.ts';
import type { RecordedSizes } from './recordedSizes.ts';
import type { Sent } from './replayLine.ts';
import { ReplayLines, type ConnectingOptions } from './replayLines.ts';
import type { ReplayPlan } from './replayPlan.ts';
import { rounded } from '../shownMoment.ts';
import { Undone } from './undone.ts';
import { within } from './within.ts';

/** How to replay a recording; times in ms. */
export interface ReplayOptions extends ConnectingOptions {
  /** How much faster than the recording; undefined for as fast as replies come. */
  readonly speed: number | undefined;
  /** The token in force. */
  readonly token: () => string;
  /** The owner's user id, if known. */
  readonly ownUserId: number | undefined;
}

type StepOutcome = Pick<
  ReplayFinding,
  'outcome' | 'reason' | 'differences' | 'expected' | 'actual' | 'replyMs' | 'recordedMs'
>;

/** A shorter silence proves nothing, because the recording simply ended; ms. */
const provenSilenceMs = 1000;
/** A server that has not answered for this long will not; ms. */
const longestSilenceMs = 2500;

/** The most pushes that wait for replies with their ids. */
const maxUnsure = 100;

const neverGot = 'it needs an id or a time that this replay never got';
const tooShort = 'the recording ended before its reply';
const ownUser = 'it would change the user of the token in force';

/**
 * Repeats a recording in its order: it sends a request once everything recorded before it has come again. It replaces
 * ids and times chosen by the server with the new ones; a differing reply provides only those of list items that it
 * shares. It skips requests that depend on skipped ones.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #generaliser: Generaliser;
  readonly #bindings: Bindings;
  readonly #lines: ReplayLines;
  readonly #pushes: ReplayedPushes;
  readonly #sizes: RecordedSizes;
  readonly #undone = new Undone();
  readonly #roles: Roles;
  readonly #isAnonymous: boolean;
  /** Requests that were sent, or the reasons why not. */
  readonly #sent = new Map<RequestMoment, Sent | string>();
  #startMs: number | undefined;
  #recordedStartMs = 0;

  /** The current line of the recording. */
  line = 0;

  constructor(plan: ReplayPlan, options: ReplayOptions) {
    this.#roles = new Roles(plan.logins);
    this.#sizes = plan.sizes;
    this.#isAnonymous = plan.logins.isAnonymous;
    this.#options = options;
    const { ownUserId } = plan.logins;
    const isKnown = ownUserId !== undefined && options.ownUserId !== undefined;
    this.#generaliser = new Generaliser({ times: plan.times, ...(isKnown ? { ownUserId } : {}) });
    this.#bindings = new Bindings(isKnown ? [[Generaliser.ownUser, options.ownUserId]] : []);
    this.#lines = new ReplayLines(plan.logins, options);
    this.#pushes = new ReplayedPushes({ lines: this.#lines, bindings: this.#bindings, undone: this.#undone });
  }

  /**
   * Plays a recording and yields a finding for each exchange and push. Throws a `Failure` if a connection cannot be
   * made or is lost.
   */
  async *run(recording: AsyncIterable<TraceMoment>): AsyncGenerator<ReplayFinding, void> {
    for await (const moment of recording) {
      this.line = moment.line;
      yield* this.#play(moment);
      this.#bindings.settle();
    }
    for (const connection of this.#lines.open) yield* this.#pushes.close(connection);
  }

  async *#play(moment: TraceMoment): AsyncGenerator<ReplayFinding, void> {
    switch (moment.kind) {
      case 'opened':
        await this.#pace(moment.atMs);
        await this.#lines.of(moment.connection);
        break;
      case 'request':
        yield* this.#request(moment);
        break;
      case 'reply':
      case 'silence':
        yield* await this.#end(moment);
        yield* this.#pushes.settle(maxUnsure);
        break;
      case 'push':
        this.#pushes.add(moment, this.#generaliser.received(moment.frame));
        yield* this.#pushes.settle(maxUnsure);
        break;
      case 'closed':
        yield* this.#pushes.close(moment.connection);
        break;
      case 'noise':
    }
  }

  /** Waits to keep the recording's pace, if a speed is set. */
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

  async *#request(moment: RequestMoment): AsyncGenerator<ReplayFinding, void> {
    const { action, frame, connection } = moment;
    if (action === 'authenticate') return this.#authenticate(moment);
    const pattern = this.#generaliser.sent(frame);
    this.#pushes.noteDevice(frame['deviceId']);
    if (this.#pushes.mayBind(unboundIn(pattern, this.#bindings))) yield* this.#pushes.settle(0);
    const reason = this.#reasonToSkip(moment, pattern);
    if (reason !== undefined) return this.#skip(moment, reason);
    await this.#pace(moment.atMs);
    const { action: _action, ...recorded } = filled(pattern, this.#bindings) as Frame;
    const { ask } = await this.#lines.of(connection);
    const payload = await bearable(ask, action, this.#sizes.cut(moment.line, recorded));
    if (typeof payload === 'string') return this.#skip(moment, payload);
    this.#sent.set(moment, await this.#lines.send(connection, action, payload, frame['requestId']));
  }

  async #authenticate(moment: RequestMoment): Promise<void> {
    if (this.#roles.take(moment) !== 'own') return;
    await this.#pace(moment.atMs);
    const line = await this.#lines.of(moment.connection);
    await line.authenticate(this.#options.token());
  }

  #reasonToSkip(moment: RequestMoment, pattern: Frame): string | undefined {
    const { action, frame } = moment;
    const reason = this.#roles.reasonNotToSend(moment);
    if (reason !== undefined) return reason;
    if (unboundIn(pattern, this.#bindings).length > 0) return neverGot;
    const needed = this.#undone.neededBy(action, frame);
    if (needed !== undefined) return `${needed} is not as it was in the recording`;
    const payload = filled(pattern, this.#bindings) as Frame;
    const isHarmful = !this.#isAnonymous && changesOwnUser(action, payload, this.#options.ownUserId);
    return isHarmful ? ownUser : undefined;
  }

  #skip(moment: RequestMoment, reason: string): void {
    const { action, frame } = moment;
    this.#sent.set(moment, reason);
    this.#undone.skipped(action, frame);
    if (reason === ownUser) this.#undone.skipped('user/updateCurrent', {});
  }

  /** Returns the findings for an exchange that ended at this point of the recording; none for authentication. */
  async #end(moment: ReplyMoment | SilenceMoment): Promise<ReplayFinding[]> {
    const { request } = moment;
    const { line, action, frame } = request;
    const pattern = moment.kind === 'reply' ? this.#generaliser.received(moment.frame) : {};
    if (action === 'authenticate') return [];
    const sent = this.#take(request);
    const isTooShort = moment.kind === 'silence' && moment.waitedMs < provenSilenceMs;
    const exchange = { kind: 'exchange', line, action } as const;
    if (typeof sent === 'string' || isTooShort) {
      this.#pushes.lose(pattern);
      return [{ ...exchange, outcome: 'skipped', reason: typeof sent === 'string' ? sent : tooShort, request: frame }];
    }
    const found =
      moment.kind === 'reply' ? await this.#reply(moment, pattern, sent) : await this.#silence(moment, sent);
    this.#undone.answered(action, frame, found.outcome === 'agrees');
    if (found.outcome === 'agrees') return [{ ...exchange, ...found }];
    this.#pushes.lose(pattern);
    return [{ ...exchange, ...found, request: frame }];
  }

  async #reply({ request, frame, replyMs }: ReplyMoment, pattern: Frame, sent: Sent): Promise<StepOutcome> {
    const answer = await sent.answer;
    if (answer.kind === 'silence') {
      await (await this.#lines.of(request.connection)).mustLive(answer.message);
      return { outcome: 'differs', expected: frame, actual: null, reason: answer.message };
    }
    const { requestId: _requestId, ...received } = answer.frame;
    const isOrdered = 'sortField' in request.frame;
    const mark = this.#bindings.mark();
    const found = differences(pattern, received, this.#bindings, { isOrdered });
    const times = { replyMs: rounded(answer.replyMs), recordedMs: rounded(replyMs) };
    if (found.length === 0) return { outcome: 'agrees', ...times };
    this.#bindings.undo(mark);
    if (received.status === frame.status && this.#showsUndone(request, pattern))
      return { outcome: 'skipped', reason: uncaused };
    bindCommonItems({ recorded: frame, pattern, received }, this.#bindings);
    return { outcome: 'differs', ...times, differences: found, expected: frame, actual: answer.frame };
  }

  /** True if a reply may differ because of skipped requests. */
  #showsUndone({ action }: RequestMoment, pattern: Frame): boolean {
    return this.#pushes.tellsOfLost(pattern) || this.#undone.changes(action);
  }

  async #silence({ waitedMs }: SilenceMoment, sent: Sent): Promise<StepOutcome> {
    const leftMs = sent.atMs + Math.min(waitedMs, longestSilenceMs) - performance.now();
    const answer = await within(leftMs, sent.answer, this.#options.signal);
    if (answer === undefined || answer.kind === 'silence') return { outcome: 'agrees' };
    const reason = `the recording shows no reply within ${spokenDuration(waitedMs)}`;
    return { outcome: 'differs', reason, expected: null, actual: answer.frame };
  }

  #take(request: RequestMoment): Sent | string {
    const sent = this.#sent.get(request) ?? tooShort;
    this.#sent.delete(request);
    return sent;
  }
}
