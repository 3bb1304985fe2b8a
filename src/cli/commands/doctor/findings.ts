import { Failure } from '../../../errors.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import type { TokenFacts } from '../../target/tokenFacts.ts';
import type { Machine } from './machine.ts';
import type { Setting } from './effectiveSettings.ts';

/** The subject of a finding; findings are printed in this order. */
export type Topic = 'settings' | 'server' | 'token' | 'backend' | 'clock' | 'roundTrip' | 'machine';

/** One finding; a problem keeps requests from succeeding. */
export interface DoctorFinding {
  readonly about: Topic;
  readonly level: 'ok' | 'note' | 'problem';
  readonly message: string;
  readonly hint: string | null;
}

/** The chosen server and its answers; null for missing ones. */
export interface ServerFacts {
  readonly url: string;
  readonly embedded: boolean;
  readonly from: string;
  readonly reachable: boolean;
  readonly isDeviceHive: boolean;
  readonly connectMs: number | null;
  readonly apiVersion: string | null;
  readonly restServerUrl: string | null;
}

/** The server's clock compared with ours: positive if it is ahead. */
export interface ClockFacts {
  readonly aheadMs: number;
  readonly uncertaintyMs: number;
}

/** Times from a request to its reply. */
export interface RoundTripFacts {
  readonly requests: number;
  readonly minMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The time from a question to the reply of the backend, which comes over the message bus. */
export interface BackendFacts {
  readonly action: string;
  readonly replyMs: number;
}

/** The full report of `doctor`; null where something could not be found out. */
export interface DoctorReport {
  readonly ok: boolean;
  readonly server: ServerFacts | null;
  readonly token: TokenFacts | null;
  readonly clock: ClockFacts | null;
  readonly roundTrip: RoundTripFacts | null;
  readonly backend: BackendFacts | null;
  readonly machine: Machine;
  readonly settings: readonly Setting[];
  readonly findings: readonly DoctorFinding[];
}

/** Collects findings; the command ends with the first failure among them. */
export class Findings {
  readonly list: DoctorFinding[] = [];
  #verdict: Failure | undefined;

  get verdict(): Failure | undefined {
    return this.#verdict;
  }

  add(about: Topic, level: 'ok' | 'note', message: string, hint: string | null = null): void {
    this.list.push({ about, level, message: withoutUrlSecrets(message), hint });
  }

  fail(about: Topic, failure: Failure): void {
    const shown = withoutUrlSecrets(failure.message);
    if (this.list.some(({ message }) => message === shown)) return;
    this.#verdict ??= failure;
    this.list.push({ about, level: 'problem', message: shown, hint: failure.hint ?? null });
  }

  /** Does the work and returns its result; a failure becomes a problem. An interruption is thrown on. */
  async attempt<T>(about: Topic, work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
      this.fail(about, error);
      return undefined;
    }
  }
}
