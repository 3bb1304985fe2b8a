import { Failure } from '../../../errors.ts';
import { documentFailure, type DocumentProblem } from '../../../protocol/notation/documentText.ts';
import type { Documents } from '../../../protocol/frames.ts';
import type { Hive } from '../../hive.ts';

/** Entities that a server starts with besides those of a fresh DeviceHive (schemas/seed.json). */
export type Seed = Documents['seed'];

/** Hint where to read about seeds. */
export const seedHint = 'What a seed may hold: devicehive schema show seed';

/**
 * A seed that cannot be used. `found` has the paths of its problems, so that callers who know the seed's text can add
 * line numbers.
 */
export class SeedFailure extends Failure {
  readonly found: readonly DocumentProblem[];

  constructor(found: readonly DocumentProblem[]) {
    const { message, problems = [] } = documentFailure('the seed', found, { hint: seedHint });
    super('invalid', message, { hint: seedHint, problems });
    this.found = found;
  }
}

/** Collects the problems of a seed that its schema cannot express. */
export class SeedProblems {
  readonly all: DocumentProblem[] = [];

  tell(message: string, ...path: readonly (string | number)[]): void {
    this.all.push({ path: path.map(String), message });
  }
}

/** The hive that receives a seed. */
export interface Soil {
  readonly hive: Hive;
  /** True if the seed overrides what the hive holds. */
  readonly isFresh: boolean;
  readonly problems: SeedProblems;
}
