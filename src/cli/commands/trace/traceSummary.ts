import type { Frame } from '../../../protocol/frames.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import type { TraceMoment } from './moments.ts';
import { rounded } from './shownMoment.ts';

/** Counts the events of a trace. */
export class TraceSummary {
  readonly #counts = { connections: 0, requests: 0, success: 0, refused: 0, silent: 0, pushes: 0, noise: 0 };
  readonly #replyMs: number[] = [];
  #startMs: number | undefined;
  #endMs = 0;

  add(moment: TraceMoment): void {
    this.#startMs ??= moment.atMs;
    this.#endMs = moment.atMs;
    const counts = this.#counts;
    if (moment.kind === 'opened') counts.connections++;
    else if (moment.kind === 'request') counts.requests++;
    else if (moment.kind === 'silence') counts.silent++;
    else if (moment.kind === 'push') counts.pushes++;
    else if (moment.kind === 'noise') counts.noise++;
    else if (moment.kind === 'reply') {
      if (moment.frame.status === 'success') counts.success++;
      else counts.refused++;
      this.#replyMs.push(moment.replyMs);
    }
  }

  /** True if nothing happened. */
  get isEmpty(): boolean {
    return this.#startMs === undefined;
  }

  /** When the trace began, in ms since 1970. */
  get startMs(): number {
    return this.#startMs ?? 0;
  }

  /** Returns all counts, and how long replies took; times in ms. */
  record(): Frame {
    const sorted = this.#replyMs.sort((one, other) => one - other);
    const at = (share: number) => rounded(sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0);
    const replyMs = sorted.length === 0 ? null : { min: at(0), median: at(0.5), p95: at(0.95), max: at(1) };
    return { kind: 'summary', ...this.#counts, durationMs: rounded(this.#endMs - this.startMs), replyMs };
  }

  /** Returns the same as text. */
  line(): string {
    const { connections, requests, success, refused, silent, pushes, noise } = this.#counts;
    const { durationMs, replyMs } = this.record();
    const times = replyMs as { readonly median: number; readonly max: number } | null;
    const parts = [
      `${counted(requests, 'request')} over ${counted(connections, 'connection')} in ${spokenDuration(Number(durationMs))}`,
      `${success} answered`,
      ...(refused === 0 ? [] : [`${refused} refused`]),
      ...(silent === 0 ? [] : [`${silent} without a reply`]),
      ...(pushes === 0 ? [] : [counted(pushes, 'push')]),
      ...(noise === 0 ? [] : [`${noise} without a meaning`]),
      ...(times === null ? [] : [`replies took ${times.median} ms (median) and ${times.max} ms at most`]),
    ];
    return parts.join(', ');
  }
}

/** Returns a number with its noun: `1 push`, `2 pushes`. */
export function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${count} ${noun}${noun.endsWith('sh') ? 'es' : 's'}`;
}
