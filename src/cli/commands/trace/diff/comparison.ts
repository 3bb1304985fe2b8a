import { agree, differences } from '../../../../protocol/recordings/agreement.ts';
import { Bindings } from '../../../../protocol/recordings/bindings.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import { Generaliser } from '../../../../protocol/recordings/generaliser.ts';
import { ComparedPushes, type Side } from './comparedPushes.ts';
import type { ReplayFinding } from '../finding.ts';
import type { TraceMoment, ReplyMoment, RequestMoment, SilenceMoment } from '../moments.ts';

/** How many requests ahead to look for a counterpart. */
const window = 50;
/** If more wait for a counterpart, the oldest have none. */
const maxWaiting = 1000;

interface RecordedRequest {
  readonly moment: RequestMoment;
  /** The pattern to compare the other side with; on the other side, the frame itself. */
  readonly pattern: Frame;
}

/** The requests and pushes of one connection that wait for their counterparts. */
interface ComparedConnection {
  readonly one: RecordedRequest[];
  readonly other: RecordedRequest[];
  readonly pushes: ComparedPushes;
}

/** The same request in both recordings, until both replies are known; null means no reply. */
interface Pair {
  readonly one: RecordedRequest;
  readonly other: RecordedRequest;
  readonly replies: { one?: Frame | null; other?: Frame | null };
}

/**
 * Compares two recordings as conversations: on each connection requests in order, with their replies, and pushes in any
 * order. Ids and tokens are compared by their role, times by their format. Both are read at the same pace, so that
 * little is kept in memory.
 */
export class Comparison {
  readonly #generaliser = new Generaliser({ times: 'any' });
  readonly #bindings = new Bindings();
  readonly #lanes = new Map<number, ComparedConnection>();
  /** Connections of each side, numbered as they appear. */
  readonly #connections = { one: new Map<number, number>(), other: new Map<number, number>() };
  readonly #pairs = new Map<RequestMoment, Pair>();
  /** Requests that have no counterpart yet, and replies to them. */
  readonly #waiting = new Set<RequestMoment>();
  readonly #early = new Map<RequestMoment, Frame | null>();
  readonly #findings: ReplayFinding[] = [];

  /** Reads both to their ends and yields a finding for every exchange and push. */
  async *run(
    one: AsyncIterator<TraceMoment, void>,
    other: AsyncIterator<TraceMoment, void>,
  ): AsyncGenerator<ReplayFinding, void> {
    for (let isOver = false; !isOver;) {
      const moments = await Promise.all([one.next(), other.next()]);
      isOver = moments.every(({ done }) => done === true);
      for (const [index, { value }] of moments.entries())
        if (value !== undefined) this.#take(value, index === 0 ? 'one' : 'other');
      this.#match(isOver);
      yield* this.#findings.splice(0);
      this.#bindings.settle();
    }
  }

  #take(moment: TraceMoment, side: Side): void {
    const lane = this.#laneOf(moment.connection, side);
    if (moment.kind === 'request') {
      const frame = withoutId(moment.frame);
      lane[side].push({ moment, pattern: side === 'one' ? this.#generaliser.sent(frame) : frame });
      this.#waiting.add(moment);
    } else if (moment.kind === 'push') {
      lane.pushes.add(moment, side === 'one' ? this.#generaliser.received(moment.frame) : moment.frame, side);
    } else if (moment.kind === 'reply' || moment.kind === 'silence') this.#reply(moment, side);
  }

  #laneOf(connection: number, side: Side): ComparedConnection {
    const numbers = this.#connections[side];
    let number = numbers.get(connection);
    if (number === undefined) numbers.set(connection, (number = numbers.size));
    let lane = this.#lanes.get(number);
    if (lane === undefined) {
      lane = {
        one: [],
        other: [],
        pushes: new ComparedPushes(this.#bindings, (finding) => this.#findings.push(finding)),
      };
      this.#lanes.set(number, lane);
    }
    return lane;
  }

  #reply(moment: ReplyMoment | SilenceMoment, side: Side): void {
    const frame = moment.kind === 'silence' ? null : withoutId(moment.frame);
    const reply = frame === null || side === 'other' ? frame : this.#generaliser.received(frame);
    const pair = this.#pairs.get(moment.request);
    if (pair === undefined) {
      if (this.#waiting.has(moment.request)) this.#early.set(moment.request, reply);
      return;
    }
    this.#pairs.delete(moment.request);
    pair.replies[side] = reply;
    this.#conclude(pair);
  }

  #match(isOver: boolean): void {
    for (const lane of this.#lanes.values()) {
      this.#matchRequests(lane, isOver);
      if (isOver) lane.pushes.end();
    }
  }

  #matchRequests({ one, other }: ComparedConnection, isOver: boolean): void {
    for (;;) {
      const [first] = one;
      const [second] = other;
      if (first !== undefined && second !== undefined && this.#isSame(first.pattern, second.pattern)) {
        this.#pair(first, second);
        one.shift();
        other.shift();
        continue;
      }
      const isFull = one.length > maxWaiting || other.length > maxWaiting;
      const canJudge = isOver || isFull || (one.length >= window && other.length >= window);
      if (!canJudge || (one.length === 0 && other.length === 0)) return;
      this.#resynchronise(one, other);
    }
  }

  /** Gives up requests of either side until both sides agree again. */
  #resynchronise(one: RecordedRequest[], other: RecordedRequest[]): void {
    const [skipOne, skipOther] = this.#nextSame(one, other) ?? [1, 1];
    const [first] = one;
    const [second] = other;
    const isChanged = skipOne > 0 && skipOther > 0 && first?.moment.action === second?.moment.action;
    if (isChanged && first !== undefined && second !== undefined) {
      this.#pair(one.shift() ?? first, other.shift() ?? second);
      return;
    }
    for (const request of one.splice(0, skipOne)) this.#alone(request, 'missing');
    for (const request of other.splice(0, skipOther)) this.#alone(request, 'unexpected');
  }

  /** Returns how many requests of each side come before the next equal two. */
  #nextSame(one: readonly RecordedRequest[], other: readonly RecordedRequest[]): readonly [number, number] | undefined {
    for (let sum = 1; sum < 2 * window; sum++) {
      for (let index = Math.max(0, sum - window); index <= Math.min(sum, window - 1); index++) {
        const first = one[index];
        const second = other[sum - index];
        if (first === undefined || second === undefined) continue;
        const mark = this.#bindings.mark();
        const isSame = this.#isSame(first.pattern, second.pattern);
        this.#bindings.undo(mark);
        if (isSame) return [index, sum - index];
      }
    }
    return undefined;
  }

  #isSame(pattern: Frame, frame: Frame): boolean {
    return agree(pattern, frame, this.#bindings, { isOrdered: true });
  }

  #alone({ moment }: RecordedRequest, outcome: 'missing' | 'unexpected'): void {
    const { line, action, frame } = moment;
    this.#waiting.delete(moment);
    this.#early.delete(moment);
    const place = outcome === 'missing' ? { line } : { otherLine: line };
    this.#findings.push({ kind: 'exchange', outcome, action, ...place, request: frame });
  }

  #pair(one: RecordedRequest, other: RecordedRequest): void {
    const pair: Pair = { one, other, replies: {} };
    for (const side of ['one', 'other'] as const) {
      const { moment } = pair[side];
      const early = this.#early.get(moment);
      this.#waiting.delete(moment);
      this.#early.delete(moment);
      if (early === undefined) this.#pairs.set(moment, pair);
      else pair.replies[side] = early;
    }
    this.#conclude(pair);
  }

  /** Reports an exchange once both replies are known. */
  #conclude({ one, other, replies }: Pair): void {
    if (replies.one === undefined || replies.other === undefined) return;
    const { action, line, frame: request } = one.moment;
    const inRequests = differences(one.pattern, other.pattern, this.#bindings, { isOrdered: true });
    const isOrdered = 'sortField' in request;
    const inReplies = differences(replies.one, replies.other, this.#bindings, { isOrdered });
    const base = { kind: 'exchange', action, line, otherLine: other.moment.line } as const;
    if (inRequests.length + inReplies.length === 0) return void this.#findings.push({ ...base, outcome: 'agrees' });
    const found = [
      ...inRequests.map((difference) => ({ ...difference, at: `request.${difference.at}` })),
      ...inReplies,
    ];
    this.#findings.push({
      ...base,
      outcome: 'differs',
      differences: found,
      request,
      expected: replies.one,
      actual: replies.other,
    });
  }
}

function withoutId({ requestId: _requestId, ...rest }: Frame): Frame {
  return rest;
}
