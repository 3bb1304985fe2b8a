/** What a caller is told: a status code as in HTTP, and an English text, null where the real server has none. */
export interface Answer {
  readonly code: number;
  readonly text: string | null;
}

/**
 * A request that comes to nothing. `refused` is answered; `silent` is not, as on the real server, unless everything is
 * to be answered; `stumbled` is a client's mistake over which the real server falls with a 500 (PROTOCOL.md 2.7).
 * `instead` is what one is told who wants every request answered.
 */
export class Refusal extends Error {
  readonly kind: 'refused' | 'silent' | 'stumbled';
  readonly answer: Answer;
  readonly instead: Answer;

  constructor(kind: Refusal['kind'], answer: Answer, instead: Answer = answer) {
    super(answer.text ?? '');
    this.name = 'Refusal';
    this.kind = kind;
    this.answer = answer;
    this.instead = instead;
  }
}

/** Refuses a request with the code and text of the real server (PROTOCOL.md, Appendix A). */
export function refuse(code: number, text: string): never {
  throw new Refusal('refused', { code, text });
}

/**
 * Leaves a request unanswered as the real server does; the answer it owes goes to the log, or out where everything is
 * answered (PROTOCOL.md 7, Q1).
 */
export function silent(code: number, text: string): never {
  throw new Refusal('silent', { code, text });
}

/**
 * Fails with a 500 as the real server does over a client's mistake; with `--answer-all` the mistake is told instead
 * (PROTOCOL.md 7, Q13, Q14, Q35).
 */
export function stumble(text: string | null, instead: string, code = 400): never {
  throw new Refusal('stumbled', { code: 500, text }, { code, text: instead });
}

/** Refuses a field of a type that cannot be read (PROTOCOL.md 2.6). */
export function malformed(): never {
  return refuse(400, malformedText);
}

/** What is answered to texts that are no JSON object, and to fields of the wrong type (PROTOCOL.md 1.3). */
export const malformedText = 'Malformed Json received.';
