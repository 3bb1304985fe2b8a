import { own } from '../../../protocol/own.ts';
import type { Shard } from '../../plan/index.ts';
import { largest, smallest } from '../../../protocol/notation/extent.ts';

/** The news that the shards of a run tell each other; times in ms since 1970 by the server's clock. */
export interface MeetingNews {
  /** When shards were ready to start, by their numbers. */
  readonly ready: Readonly<Record<string, number>>;
  /** The start that was agreed upon. */
  readonly startMs?: number;
}

/** Everything that a meeting needs. */
export interface MeetingOptions {
  readonly shard: Shard;
  /** How long the first shard that is ready waits for the others, in ms. */
  readonly timeoutMs: number;
  /** Sends news to all shards, this one included. */
  readonly say: (news: MeetingNews) => void;
  /** Ms since 1970 by the server's clock. */
  readonly nowMs: () => number;
  /** Calls back once; the function returned cancels. */
  readonly schedule: (afterMs: number, run: () => void) => () => void;
}

/** From the moment at which all are ready to the start; an answer, too, may take as long. */
const leadMs = 2000;
/** Shards answer in turn, so that one answer serves: each waits longer than the one before, up to the limit. */
const turnMs = 20;
const longestTurnMs = 1000;

/**
 * How shards agree on a start without a leader. Each says when it was ready; whoever knows more than a message told
 * says it. All know the same in the end, and what they know gives the same start: a little after the last one was
 * ready, or when the first one has waited long enough. A shard that comes later is told the start.
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

  /** The shards that are not known to be ready. */
  get absent(): number[] {
    const all = Array.from({ length: this.#options.shard.count }, (_, shard) => shard);
    return all.filter((shard) => !this.#ready.has(String(shard)));
  }

  /** This shard is ready, and says so; it can hear the others by now. */
  join(): void {
    const { shard, nowMs } = this.#options;
    const own = String(shard.index);
    if (!this.#ready.has(own)) this.#ready.set(own, nowMs());
    this.#say();
    this.#look();
  }

  /** Takes what another shard, or this one, has said; an answer follows where it lacks something. */
  hear(news: MeetingNews): void {
    for (const [shard, readyMs] of Object.entries(news.ready))
      this.#ready.set(shard, Math.max(readyMs, this.#ready.get(shard) ?? 0));
    if (news.startMs !== undefined) this.#start(news.startMs);
    this.#look();
    this.#cancelAnswer();
    if (!this.#isAllIn(news)) this.#answerInTurn();
  }

  /** Takes part no more. */
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

  /** Whether it can be known by now when to start. */
  #look(): void {
    const { shard, timeoutMs, nowMs, schedule } = this.#options;
    if (this.#startMs !== undefined) return;
    if (this.#ready.size >= shard.count) return this.#start(largest(this.#ready.values()) + leadMs);
    const endMs = smallest(this.#ready.values()) + Math.max(timeoutMs, leadMs);
    this.#cancelTimeout();
    this.#cancelTimeout = schedule(endMs - nowMs(), () => this.#start(endMs));
  }

  /** Of two starts the earlier one counts, as long as it is not too late for that. */
  #start(startMs: number): void {
    this.#cancelTimeout();
    this.#startMs = Math.min(startMs, this.#startMs ?? Infinity);
    this.#agree(this.#startMs);
  }
}

function noTimer(): void {
  // nothing is to come
}
