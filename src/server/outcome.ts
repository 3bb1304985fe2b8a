/** An error reply: a status code as in HTTP, and an English text, or null where the real server sends none. */
export interface Answer {
  readonly code: number;
  readonly text: string | null;
}

/**
 * A request that fails. `refused` gets `answer`. `silent` gets no reply, as on the real server. `stumbled` is a
 * client's mistake that makes the real server fail with a 500 (PROTOCOL.md 2.7). A server that answers everything
 * replies `instead`.
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
 * Leaves a request unanswered as the real server does. The withheld answer is logged, or sent where everything is
 * answered (PROTOCOL.md 7, Q1).
 */
export function silent(code: number, text: string): never {
  throw new Refusal('silent', { code, text });
}

/**
 * Fails with a 500 over a client's mistake, as the real server does; a server that answers everything reports the
 * mistake instead (PROTOCOL.md 7, Q13, Q14, Q35).
 */
export function stumble(text: string | null, instead: string, code = 400): never {
  throw new Refusal('stumbled', { code: 500, text }, { code, text: instead });
}

/** Refuses a field whose type cannot be read (PROTOCOL.md 2.6). */
export function malformed(): never {
  return refuse(400, malformedText);
}

/** The error text for messages that are not JSON objects, and for fields of the wrong type (PROTOCOL.md 1.3). */
export const malformedText = 'Malformed Json received.';
