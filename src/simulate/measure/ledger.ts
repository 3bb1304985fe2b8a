import type { LedgerEntry } from './bundle.ts';

/**
 * What was expected of one kind of messages and what became of it, in numbers only: a long run takes no more memory
 * than a short one.
 */
export class LedgerAccount {
  #expected = 0;
  #received = 0;
  #unsent = 0;
  #duplicated = 0;
  #reordered = 0;
  #sentElsewhere = 0;
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

  /** It was sent to a device of another shard, which counts it when it arrives. */
  sendElsewhere(): void {
    this.#sentElsewhere++;
  }

  /**
   * It came from somebody else: an operator of another shard, or one outside of this run. That is expected when it
   * arrives.
   */
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
      ...(this.#sentElsewhere === 0 ? {} : { sentElsewhere: this.#sentElsewhere }),
      ...(this.#fromElsewhere === 0 ? {} : { fromElsewhere: this.#fromElsewhere }),
    };
  }
}

/** The messages sent that have not arrived. */
function lostOf(expected: number, received: number, unsent: number): number {
  return Math.max(expected - received - unsent, 0);
}

/**
 * The accounts of several processes of one shard: what went to other shards, or came from there, stays to be settled.
 */
export function sumAccounts(accounts: readonly LedgerEntry[]): LedgerEntry {
  const sum = (pick: (account: LedgerEntry) => number | undefined) =>
    accounts.reduce((total, account) => total + (pick(account) ?? 0), 0);
  const sentElsewhere = sum((account) => account.sentElsewhere);
  const fromElsewhere = sum((account) => account.fromElsewhere);
  return {
    expected: sum(({ expected }) => expected),
    received: sum(({ received }) => received),
    lost: sum(({ lost }) => lost),
    unsent: sum(({ unsent }) => unsent),
    duplicated: sum(({ duplicated }) => duplicated),
    reordered: sum(({ reordered }) => reordered),
    ...(sentElsewhere === 0 ? {} : { sentElsewhere }),
    ...(fromElsewhere === 0 ? {} : { fromElsewhere }),
  };
}

/**
 * The accounts of all shards together: what one sent to a device of another is expected once, and lost where no device
 * got it.
 */
export function addAccounts(accounts: readonly LedgerEntry[]): LedgerEntry {
  const { sentElsewhere = 0, fromElsewhere = 0, ...sum } = sumAccounts(accounts);
  const expected = sum.expected + Math.max(sentElsewhere - fromElsewhere, 0);
  const fromOutside = Math.max(fromElsewhere - sentElsewhere, 0);
  return {
    ...sum,
    expected,
    lost: lostOf(expected, sum.received, sum.unsent ?? 0),
    ...(fromOutside === 0 ? {} : { fromElsewhere: fromOutside }),
  };
}
