import type { DocumentProblem } from '../../protocol/notation/documentText.ts';

/** A problem of a plan, with its path: names and list indices from the top. */
export type PlanProblem = DocumentProblem;

/** Collects problems below one place of a plan. */
export class Problems {
  readonly #all: PlanProblem[];
  readonly #path: readonly string[];

  constructor(all: PlanProblem[] = [], path: readonly string[] = []) {
    this.#all = all;
    this.#path = path;
  }

  get all(): readonly PlanProblem[] {
    return this.#all;
  }

  /** Returns the same collection for a deeper place. */
  at(...path: readonly (string | number)[]): Problems {
    return new Problems(this.#all, [...this.#path, ...path.map(String)]);
  }

  tell(message: string, ...path: readonly string[]): void {
    this.#all.push({ path: [...this.#path, ...path], message });
  }

  /** Returns the value; if it is a text, adds that as a problem and returns `instead`. */
  good<Value>(value: Value | string, instead: Value, ...path: readonly string[]): Value {
    if (typeof value !== 'string') return value;
    this.tell(value, ...path);
    return instead;
  }
}
