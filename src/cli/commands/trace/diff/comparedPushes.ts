import { agree, unboundIn } from '../../../../protocol/recordings/agreement.ts';
import type { Bindings } from '../../../../protocol/recordings/bindings.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import type { ReplayFinding } from '../finding.ts';
import type { PushMoment } from '../moments.ts';

/** One of the two recordings that are compared. */
export type Side = 'one' | 'other';

interface RecordedPush {
  readonly moment: PushMoment;
  /** A pattern on side `one`, the frame itself on side `other`. */
  readonly said: Frame;
}

/** If more wait for a counterpart, the oldest have none. */
const maxWaiting = 1000;

/**
 * Matches the pushes of one connection in two recordings, which come in no fixed order. Pushes that differ only in ids
 * are matched when replies have shown which id is which, or at the end.
 */
export class ComparedPushes {
  readonly #bindings: Bindings;
  readonly #tell: (finding: ReplayFinding) => void;
  readonly #waiting: Readonly<Record<Side, RecordedPush[]>> = { one: [], other: [] };

  constructor(bindings: Bindings, tell: (finding: ReplayFinding) => void) {
    this.#bindings = bindings;
    this.#tell = tell;
  }

  add(moment: PushMoment, said: Frame, side: Side): void {
    const own = this.#waiting[side];
    own.push({ moment, said });
    if (own.length > maxWaiting) this.#judge(maxWaiting / 2);
  }

  /** Reports all pushes that still have no counterpart. */
  end(): void {
    this.#judge(0);
  }

  /** Judges the oldest pushes, keeping `keep` of each side. */
  #judge(keep: number): void {
    const { one, other } = this.#waiting;
    const old = one.splice(0, Math.max(one.length - keep, 0));
    const unsure = old.filter(({ said }) => unboundIn(said, this.#bindings).length > 0);
    for (const push of old) if (!unsure.includes(push)) this.#match(push);
    for (const push of unsure) this.#match(push);
    for (const push of other.splice(0, Math.max(other.length - keep, 0))) this.#alone(push, 'other');
  }

  /** Finds the counterpart of a push of side `one`. */
  #match(push: RecordedPush): void {
    const { moment, said } = push;
    const { other } = this.#waiting;
    const index = other.findIndex((candidate) => agree(said, candidate.said, this.#bindings, { isOrdered: true }));
    const [counterpart] = index === -1 ? [] : other.splice(index, 1);
    if (counterpart === undefined) return this.#alone(push, 'one');
    const { line, frame } = moment;
    this.#tell({ kind: 'push', outcome: 'agrees', action: frame.action, line, otherLine: counterpart.moment.line });
  }

  #alone({ moment: { line, frame } }: RecordedPush, side: Side): void {
    const place = side === 'one' ? { line, expected: frame } : { otherLine: line, actual: frame };
    const outcome = side === 'one' ? 'missing' : 'unexpected';
    this.#tell({ kind: 'push', outcome, action: frame.action, ...place });
  }
}
