import { own } from '../../../protocol/own.ts';
import type { Shard } from '../../plan/index.ts';
import { largest, smallest } from '../../../protocol/notation/extent.ts';

/** What shards of a run tell each other; times in ms since 1970 by the server's clock. */
export interface MeetingNews {
  /** When shards were ready to start, by shard number. */
  readonly ready: Readonly<Record<string, number>>;
  /** The agreed start. */
  readonly startMs?: number;
}

/** The shards of a meeting, and its means. */
export interface MeetingOptions {
  readonly shard: Shard;
  /** How long the first ready shard waits for the others, in ms. */
  readonly timeoutMs: number;
  /** Sends news to all shards, this one included. */
  readonly say: (news: MeetingNews) => void;
  /** Returns ms since 1970 by the server's clock. */
  readonly nowMs: () => number;
  /** Calls back once; the returned function cancels. */
  readonly schedule: (afterMs: number, run: () => void) => () => void;
}

/** The time from all being ready to the start, in ms; also the longest time for an answer. */
const leadMs = 2000;
/** Shards answer one after the other, this many ms apart, up to the limit, so that one answer is enough. */
const turnMs = 20;
const longestTurnMs = 1000;

/**
 * How shards agree on a start without a leader. Each says when it was ready; a shard that knows more than a message
 * said says so. In the end all know the same, which gives the same start: a little after the last was ready, or when
 * the first has waited long enough. A shard that comes later is told the start.
 */
export class Meeting {
  /** The start, in ms since 1970 by the server's clock. */
  readonly agreed: Promise<number>;
  readonly #options: MeetingOptions;
  readonly #ready = new Map<string, number>();
  #startMs: number | undefined;
  #agree!: (startMs: number) => void;
  #cancelTimeout = noTimer;
  #cancelAnswer = noTimer;

  constructor(options: MeetingOptions) {
    this.#options = options;
    this.agreed = new Promise((resolve) => (this.#agree = resolve));
  }

  /** The shards that are not ready, as far as is known. */
  get absent(): number[] {
    const all = Array.from({ length: this.#options.shard.count }, (_, shard) => shard);
    return all.filter((shard) => !this.#ready.has(String(shard)));
  }

  /** Says that this shard is ready; call it once it can hear the others. */
  join(): void {
    const { shard, nowMs } = this.#options;
    const own = String(shard.index);
    if (!this.#ready.has(own)) this.#ready.set(own, nowMs());
    this.#say();
    this.#look();
  }

  /** Takes news of any shard, this one included; answers if it lacks something. */
  hear(news: MeetingNews): void {
    for (const [shard, readyMs] of Object.entries(news.ready))
      this.#ready.set(shard, Math.max(readyMs, this.#ready.get(shard) ?? 0));
    if (news.startMs !== undefined) this.#start(news.startMs);
    this.#look();
    this.#cancelAnswer();
    if (!this.#isAllIn(news)) this.#answerInTurn();
  }

  /** Leaves the meeting. */
  close(): void {
    this.#cancelTimeout();
    this.#cancelAnswer();
  }

  #say(): void {
    const { say } = this.#options;
    say({ ready: Object.fromEntries(this.#ready), ...(this.#startMs === undefined ? {} : { startMs: this.#startMs }) });
  }

  #isAllIn({ ready, startMs }: MeetingNews): boolean {
    return this.#startMs === startMs && [...this.#ready].every(([shard, readyMs]) => own(ready, shard) === readyMs);
  }

  #answerInTurn(): void {
    const { shard, schedule } = this.#options;
    this.#cancelAnswer = schedule(Math.min((shard.index + 1) * turnMs, longestTurnMs), () => this.#say());
  }

  /** Checks whether the start can be known by now. */
  #look(): void {
    const { shard, timeoutMs, nowMs, schedule } = this.#options;
    if (this.#startMs !== undefined) return;
    if (this.#ready.size >= shard.count) return this.#start(largest(this.#ready.values()) + leadMs);
    const endMs = smallest(this.#ready.values()) + Math.max(timeoutMs, leadMs);
    this.#cancelTimeout();
    this.#cancelTimeout = schedule(endMs - nowMs(), () => this.#start(endMs));
  }

  /** Agrees on a start. Of two the earlier counts, unless it is too late for that. */
  #start(startMs: number): void {
    this.#cancelTimeout();
    this.#startMs = Math.min(startMs, this.#startMs ?? Infinity);
    this.#agree(this.#startMs);
  }
}

function noTimer(): void {
  // nothing to cancel
}
