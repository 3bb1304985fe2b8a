import type { OutcomeName } from './outcome.ts';

const names: readonly OutcomeName[] = ['ok', 'invalid', 'refused', 'timeout', 'lost', 'skipped'];

/** Counts lines by outcome. */
export class LineTally {
  readonly #counts = new Map<OutcomeName, number>(names.map((name) => [name, 0]));
  total = 0;

  add(outcome: OutcomeName): void {
    this.total++;
    this.#counts.set(outcome, this.of(outcome) + 1);
  }

  of(outcome: OutcomeName): number {
    return this.#counts.get(outcome) ?? 0;
  }

  get notOk(): number {
    return this.total - this.of('ok');
  }

  /** The counts of all but `ok`, such as `2 refused, 1 lost`; empty if all are ok. */
  get trouble(): string {
    const told = names.filter((name) => name !== 'ok' && this.of(name) > 0);
    return told.map((name) => `${this.of(name)} ${name}`).join(', ');
  }
}
