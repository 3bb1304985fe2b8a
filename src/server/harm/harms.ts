import { harmStart } from '../../protocol/limits.ts';
import type { Log } from '../log.ts';
import { refuse } from '../outcome.ts';
import type { HarmFinding, Harm, HarmKind } from './harm.ts';

/** The section that describes each kind of harm. */
const sections: Readonly<Record<HarmKind, string>> = {
  size: 'PROTOCOL.md 7, Q43',
  joining: 'PROTOCOL.md 7, Q41',
  unread: 'PROTOCOL.md 7, Q42',
};

/** Counts and logs requests that would have stopped a real server. */
export class Harms {
  readonly #log: Log;
  readonly #isStrict: boolean;
  readonly #found = new Map<string, Harm>();

  constructor(log: Log, isStrict: boolean) {
    this.#log = log;
    this.#isStrict = isStrict;
  }

  /** True if harmful requests are refused. */
  get isStrict(): boolean {
    return this.#isStrict;
  }

  /**
   * Returns one entry for each kind and action, in the order of their first occurrence; empty where no harm was done.
   */
  list(): readonly Harm[] {
    return [...this.#found.values()];
  }

  /** Counts and logs a harm. Returns the logged message. */
  count({ kind, action, cause, instead }: HarmFinding): string {
    const message = `${harmStart}${cause}; ${instead}`;
    const key = `${kind} ${action}`;
    const known = this.#found.get(key) ?? { kind, action, count: 0, message };
    this.#found.set(key, { ...known, count: known.count + 1 });
    this.#log({ level: 'warn', message, harm: kind, section: sections[kind] });
    return message;
  }

  /** Counts and logs a harm. Throws a Refusal 503 if the server is strict. */
  countOrRefuse(finding: HarmFinding): void {
    const message = this.count(finding);
    if (this.#isStrict) refuse(503, message);
  }
}
