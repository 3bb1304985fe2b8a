/** What is wrong with a plan, and where: names and list indices from its top. */
export interface PlanProblem {
  readonly path: readonly string[];
  /** The end of a sentence that begins with the place: `must be >= 1`. */
  readonly message: string;
}

/** A place in a plan as people write it: `fleets[0].commands["*"][1].after`. */
export function placeText(path: readonly string[]): string {
  return path
    .map((name, index) => {
      if (/^\d+$/.test(name)) return `[${name}]`;
      if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

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

  /** The same collection, for what lies deeper. */
  at(...path: readonly (string | number)[]): Problems {
    return new Problems(this.#all, [...this.#path, ...path.map(String)]);
  }

  tell(message: string, ...path: readonly string[]): void {
    this.#all.push({ path: [...this.#path, ...path], message });
  }

  /** The value, or `instead` after its problem was told; texts are problems. */
  good<Value>(value: Value | string, instead: Value, ...path: readonly string[]): Value {
    if (typeof value !== 'string') return value;
    this.tell(value, ...path);
    return instead;
  }
}
