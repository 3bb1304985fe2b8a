import type { LedgerEntry } from './bundle.ts';

/**
 * Counts the messages of one kind, expected and received. It keeps only numbers, so memory does not grow with the run.
 */
export class LedgerAccount {
  #expected = 0;
  #received = 0;
  #unsent = 0;
  #duplicated = 0;
  #reordered = 0;
  #fromElsewhere = 0;

  /** Counts a message that is to arrive. */
  expect(): void {
    this.#expected++;
  }

  /** Counts messages that were due and will never be sent. */
  omit(times = 1): void {
    this.#expected += times;
    this.#unsent += times;
  }

  /** Counts an expected message that will never be sent. */
  giveUp(): void {
    this.#unsent++;
  }

  /** Counts the first arrival of an expected message. */
  receive(): void {
    this.#received++;
  }

  /** Counts a further arrival of a message. */
  duplicate(): void {
    this.#duplicated++;
  }

  /** Counts a received message that arrived after one sent later. */
  reorder(): void {
    this.#reordered++;
  }

  /** Counts a message from outside of this run: it becomes expected when it arrives. */
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

/** Returns how many sent messages have not arrived. */
function lostOf(expected: number, received: number, unsent: number): number {
  return Math.max(expected - received - unsent, 0);
}

/** Adds the accounts of several processes or shards. */
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
