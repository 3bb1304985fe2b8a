import { accountNames, hopNames, type Bundle, type HopName } from '../measure/bundle.ts';
import { ErrorTable } from '../measure/errorTable.ts';
import { addAccounts } from '../measure/ledger.ts';
import { Samples } from '../measure/samples.ts';
import { worstOf } from '../measure/saturation.ts';
import { summedCounts } from '../measure/snapshot.ts';
import { TimelineSum, type ReadTimeline } from '../measure/timeline.ts';

/** The measurements of one process that can be added. */
export type Measures = Pick<
  Bundle,
  'devices' | 'devicesUp' | 'ledger' | 'counters' | 'hops' | 'timeline' | 'errors' | 'generator'
>;

/** The same, with the steps of the timeline read one by one. */
export type ReadMeasures = Omit<Measures, 'timeline'> & { readonly timeline: ReadTimeline };

/**
 * Adds the measurements of processes, one at a time and exactly: counts add up, percentiles come from all samples
 * together. It takes no more memory for many than for two.
 */
export class ResultSum {
  readonly #samples = new Map<HopName, Samples>();
  readonly #errors = new ErrorTable();
  readonly #timeline: TimelineSum;
  #rest: Omit<Measures, 'hops' | 'timeline' | 'errors'> | undefined;

  /** `everyMs` is a multiple of the step of every result to add. */
  constructor(everyMs: number) {
    this.#timeline = new TimelineSum(everyMs);
  }

  /** Adds measurements. Throws an invalid `Failure` if a histogram is damaged. */
  add({ hops, timeline, errors, ...rest }: ReadMeasures): void {
    for (const name of hopNames) {
      const hop = hops[name];
      if (hop !== undefined) this.#addSamples(name, Samples.decode(hop.histogram));
    }
    this.#timeline.add(timeline);
    for (const { kind, code, text, count } of errors) this.#errors.add(kind, code, text, count);
    this.#rest = this.#rest === undefined ? { ...rest, ...withDevicesUp(rest.devicesUp) } : sumOf(this.#rest, rest);
  }

  /** Returns the sum. Throws a RangeError if nothing was added. */
  result(): Measures {
    if (this.#rest === undefined) throw new RangeError('there is nothing to add');
    return {
      ...this.#rest,
      hops: Object.fromEntries(
        hopNames.flatMap((name) => {
          const samples = this.#samples.get(name);
          return samples === undefined ? [] : [[name, samples.summary()] as const];
        }),
      ),
      timeline: this.#timeline.result(),
      errors: this.#errors.rows(),
    };
  }

  #addSamples(name: HopName, samples: Samples): void {
    const sum = this.#samples.get(name);
    if (sum === undefined) this.#samples.set(name, samples);
    else sum.add(samples);
  }
}

type Counts = Omit<Measures, 'hops' | 'timeline' | 'errors'>;

function sumOf(one: Counts, other: Counts): Counts {
  return {
    devices: one.devices + other.devices,
    ...withDevicesUp(one.devicesUp === undefined ? undefined : plus(one.devicesUp, other.devicesUp)),
    ledger: Object.fromEntries(
      accountNames.map((name) => [name, addAccounts([one.ledger[name], other.ledger[name]])]),
    ) as Bundle['ledger'],
    counters: summedCounts([one.counters, other.counters]),
    generator: worstOf([one.generator, other.generator]),
  };
}

function plus(one: number, other: number | undefined): number | undefined {
  return other === undefined ? undefined : one + other;
}

/** Omits the number of devices that were up if one result does not have it. */
function withDevicesUp(devicesUp: number | undefined): Pick<Measures, 'devicesUp'> {
  return devicesUp === undefined ? {} : { devicesUp };
}
