import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { Failure } from '../../errors.ts';
import type { HopFigures, HopSummary } from './bundle.ts';

/** The longest sample, in µs: 24 hours; longer ones count as that. */
const mostMicroseconds = 86_400_000_000;

/**
 * All samples of one hop as an HDR histogram in µs, with three significant digits; it adds up exactly. Arguments and
 * results are in ms.
 */
export class Samples {
  readonly #histogram: Histogram;

  constructor(histogram: Histogram = emptyHistogram()) {
    this.#histogram = histogram;
  }

  /** Decodes samples encoded by `summary`. Throws an invalid `Failure` for any other text. */
  static decode(text: string): Samples {
    const histogram = emptyHistogram();
    try {
      histogram.add(decodeFromCompressedBase64(text));
    } catch (cause) {
      throw new Failure('invalid', 'a histogram of the result cannot be read: it is damaged', {
        hint: 'Take the file as simulate run wrote it.',
        cause,
      });
    }
    return new Samples(histogram);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  record(ms: number): void {
    this.#histogram.recordValue(microseconds(ms));
  }

  add(other: Samples): void {
    this.#histogram.add(other.#histogram);
  }

  /** Returns the value in ms that `percentile` per cent of the samples do not exceed; 0 without samples. */
  percentileMs(percentile: number): number {
    return this.count === 0 ? 0 : this.#histogram.getValueAtPercentile(percentile) / 1000;
  }

  summary(): HopSummary {
    return { ...this.figures(), histogram: encodeIntoCompressedBase64(this.#histogram) };
  }

  figures(): HopFigures {
    return {
      count: this.count,
      minMs: this.percentileMs(0),
      meanMs: this.count === 0 ? 0 : this.#histogram.mean / 1000,
      p50Ms: this.percentileMs(50),
      p90Ms: this.percentileMs(90),
      p95Ms: this.percentileMs(95),
      p99Ms: this.percentileMs(99),
      p999Ms: this.percentileMs(99.9),
      maxMs: this.percentileMs(100),
    };
  }
}

function emptyHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2_000_000,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
}

/** Clocks may step back: a negative duration counts as 0. */
function microseconds(ms: number): number {
  return Math.min(Math.max(Math.round(ms * 1000), 0), mostMicroseconds);
}
