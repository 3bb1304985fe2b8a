import { spokenDuration } from '../../protocol/notation/spokenDuration.ts';
import type { HopName, LoadGenerator } from './bundle.ts';
import { addClasses, percentileOf, sampleCount, type Classes } from './classes.ts';
import { loopDelayEveryMs } from './loopDelay.ts';
import { largest } from '../../protocol/notation/extent.ts';

/** The window that the limits apply to, in ms. */
const windowMs = 10_000;

/** The limits for 99th percentiles over any window, in ms, above which the generator counts as saturated. */
export interface SaturationLimits {
  readonly maxLoopDelayMs: number;
  readonly maxSendLagMs: number;
}

/** The figures of one window to compare with the limits, in ms. */
interface JudgedWindow {
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly atMs: number;
}

/** The default limits. */
export const saturationLimits: SaturationLimits = { maxLoopDelayMs: 250, maxSendLagMs: 1000 };

/** Watches whether the machine that generates the load keeps up: checks the last 10 s at every tick. */
export class Saturation {
  readonly #limits: SaturationLimits;
  readonly #ticks: number;
  readonly #recent: { readonly loopDelay: Classes; readonly sendLag: Classes }[] = [];
  readonly #reasons = new Map<HopName, string>();
  #worstLoopDelayMs = 0;
  #worstSendLagMs = 0;

  constructor(limits: SaturationLimits, tickMs: number) {
    this.#limits = limits;
    this.#ticks = Math.max(1, Math.round(windowMs / tickMs));
  }

  /** Takes the samples of one tick, which ended at `atMs` of the run. */
  tick(atMs: number, loopDelay: Classes = {}, sendLag: Classes = {}): void {
    this.#recent.push({ loopDelay, sendLag });
    if (this.#recent.length > this.#ticks) this.#recent.shift();
    const loopDelayMs = p99(
      this.#recent.map((tick) => tick.loopDelay),
      windowMs / loopDelayEveryMs,
    );
    const sendLagMs = p99(this.#recent.map((tick) => tick.sendLag));
    this.#worstLoopDelayMs = Math.max(this.#worstLoopDelayMs, loopDelayMs);
    this.#worstSendLagMs = Math.max(this.#worstSendLagMs, sendLagMs);
    const { maxLoopDelayMs, maxSendLagMs } = this.#limits;
    this.#judge('loop.delay', 'the event loop was', { p99Ms: loopDelayMs, mostMs: maxLoopDelayMs, atMs });
    this.#judge('send.lag', 'messages were sent', { p99Ms: sendLagMs, mostMs: maxSendLagMs, atMs });
  }

  result(): LoadGenerator {
    return {
      saturated: this.#reasons.size > 0,
      reasons: [...this.#reasons.values()],
      windowMs,
      worstLoopDelayP99Ms: this.#worstLoopDelayMs,
      worstSendLagP99Ms: this.#worstSendLagMs,
      ...this.#limits,
    };
  }

  #judge(hop: HopName, what: string, { p99Ms, mostMs, atMs }: JudgedWindow): void {
    if (p99Ms <= mostMs || this.#reasons.has(hop)) return;
    const window = `${hop}.p99 over ${spokenDuration(windowMs)}, limit ${spokenDuration(mostMs)}`;
    this.#reasons.set(hop, `${what} ${spokenDuration(p99Ms)} late (${window}, first at ${spokenDuration(atMs)})`);
  }
}

/**
 * Returns the 99th percentile in ms. In an unfinished window, samples that are still to come count as short: one pause
 * in a run of two seconds says little about ten.
 */
function p99(ticks: readonly Classes[], samplesPerWindow = 0): number {
  const all: Classes = {};
  for (const classes of ticks) addClasses(all, classes);
  const toCome = samplesPerWindow - sampleCount(all);
  if (toCome > 0) all[0] = (all[0] ?? 0) + toCome;
  return percentileOf(all, 99) ?? 0;
}

/** Returns the worst of several generators: one that did not keep up spoils the whole run. */
export function worstOf(generators: readonly LoadGenerator[]): LoadGenerator {
  const most = (pick: (generator: LoadGenerator) => number) => largest(generators.map(pick), 0);
  return {
    saturated: generators.some(({ saturated }) => saturated),
    reasons: [...new Set(generators.flatMap(({ reasons }) => reasons))],
    windowMs,
    worstLoopDelayP99Ms: most((generator) => generator.worstLoopDelayP99Ms),
    worstSendLagP99Ms: most((generator) => generator.worstSendLagP99Ms),
    maxLoopDelayMs: most((generator) => generator.maxLoopDelayMs),
    maxSendLagMs: most((generator) => generator.maxSendLagMs),
  };
}
