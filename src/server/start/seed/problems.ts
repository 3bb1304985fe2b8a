import { Failure } from '../../../errors.ts';
import { documentFailure, type DocumentProblem } from '../../../protocol/notation/documentText.ts';
import type { Documents } from '../../../protocol/frames.ts';
import type { Hive } from '../../hive.ts';

/** What a server holds at its start besides what a fresh DeviceHive holds (schemas/seed.json). */
export type Seed = Documents['seed'];

/** What to read about seeds. */
export const seedHint = 'What a seed may hold: devicehive schema show seed';

/** A seed that cannot be used, and where it is wrong; who knows its text can tell lines. */
export class SeedFailure extends Failure {
  readonly found: readonly DocumentProblem[];

  constructor(found: readonly DocumentProblem[]) {
    const { message, problems = [] } = documentFailure('the seed', found, seedHint);
    super('invalid', message, { hint: seedHint, problems });
    this.found = found;
  }
}

/** Collects what is wrong with a seed, beyond what its schema says. */
export class SeedProblems {
  readonly all: DocumentProblem[] = [];

  tell(message: string, ...path: readonly (string | number)[]): void {
    this.all.push({ path: path.map(String), message });
  }
}

/** What a seed is put into. */
export interface Soil {
  readonly hive: Hive;
  /** Whether the seed wins over what is there. */
  readonly isFresh: boolean;
  readonly problems: SeedProblems;
}
