import type { LedgerEntry } from './bundle.ts';

/**
 * Messages of one kind, as expected and as they came, in numbers only: a long run takes no more memory than a short
 * one.
 */
export class LedgerAccount {
  #expected = 0;
  #received = 0;
  #unsent = 0;
  #duplicated = 0;
  #reordered = 0;
  #fromElsewhere = 0;

  /** It is to arrive. */
  expect(): void {
    this.#expected++;
  }

  /** So many were due and are never sent. */
  omit(times = 1): void {
    this.#expected += times;
    this.#unsent += times;
  }

  /** One that is expected is never sent. */
  giveUp(): void {
    this.#unsent++;
  }

  /** It arrived for the first time, as expected. */
  receive(): void {
    this.#received++;
  }

  /** It arrived once more. */
  duplicate(): void {
    this.#duplicated++;
  }

  /** It arrived, received too, after one that was sent later. */
  reorder(): void {
    this.#reordered++;
  }

  /** It came from somebody outside of this run: that is expected when it arrives. */
  receiveFromElsewhere(): void {
    this.#expected++;
    this.#received++;
    this.#fromElsewhere++;
  }

  account(): LedgerEntry {
    return {
      expected: this.#expected,
      received: this.#received,
      lost: lostOf(this.#expected, this.#received, this.#unsent),
      unsent: this.#unsent,
      duplicated: this.#duplicated,
      reordered: this.#reordered,
      ...(this.#fromElsewhere === 0 ? {} : { fromElsewhere: this.#fromElsewhere }),
    };
  }
}

/** The messages sent that have not arrived. */
function lostOf(expected: number, received: number, unsent: number): number {
  return Math.max(expected - received - unsent, 0);
}

/** The accounts of several processes, or of several shards, added up. */
export function addAccounts(accounts: readonly LedgerEntry[]): LedgerEntry {
  const sum = (pick: (account: LedgerEntry) => number | undefined) =>
    accounts.reduce((total, account) => total + (pick(account) ?? 0), 0);
  const fromElsewhere = sum((account) => account.fromElsewhere);
  return {
    expected: sum(({ expected }) => expected),
    received: sum(({ received }) => received),
    lost: sum(({ lost }) => lost),
    unsent: sum(({ unsent }) => unsent),
    duplicated: sum(({ duplicated }) => duplicated),
    reordered: sum(({ reordered }) => reordered),
    ...(fromElsewhere === 0 ? {} : { fromElsewhere }),
  };
}
