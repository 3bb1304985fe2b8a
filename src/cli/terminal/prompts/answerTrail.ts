interface GivenAnswer {
  readonly question: string;
  readonly value: unknown;
}

/** The answers to questions that are asked one after the other, for going back through them. */
export class AnswerTrail {
  readonly #given: GivenAnswer[] = [];
  /** The last answers to questions that were gone back from, by question. */
  readonly #kept = new Map<string, unknown>();
  #place = 0;

  /** The questions are asked from the first on: those that have answers are not asked again. */
  begin(): void {
    this.#place = 0;
  }

  /** Returns the answer that the next question has already, if any. */
  next(): { readonly value: unknown } | undefined {
    return this.#given[this.#place++];
  }

  /** Keeps the answer to the question that was just asked. */
  add(question: string, value: unknown): void {
    this.#given.push({ question, value });
  }

  /** Returns what was answered before one went back; undefined if nothing was. */
  keptFor(question: string): unknown {
    return this.#kept.get(question);
  }

  /** The last question that was answered is to be asked again; false if there is none. */
  goBack(): boolean {
    const last = this.#given.pop();
    if (last !== undefined) this.#kept.set(last.question, last.value);
    return last !== undefined;
  }
}
