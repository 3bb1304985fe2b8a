import type { Failure, Problem } from '../../../errors.ts';
import { documentFailure, readDocument, type DocumentText } from '../../../protocol/notation/documentText.ts';
import type { PlanProblem } from '../problems.ts';

/** The content of a plan file or script, and the places of its parts; `locate` is undefined without a text. */
export type PlanText = Pick<DocumentText, 'content'> & { readonly locate: DocumentText['locate'] | undefined };

/** A file that simulations read, by its schema's name. */
export type PlanFile = 'plan' | 'script';

function hintFor(schema: PlanFile): string {
  return `What such a file may hold: devicehive schema show ${schema}`;
}

/**
 * Parses a plan, or another file, in YAML or JSON. Throws an invalid `Failure` with all errors of the syntax; `file`
 * names the text.
 */
export function parsePlan(text: string, file: string, schema: PlanFile = 'plan'): Promise<DocumentText> {
  return readDocument(text, file, hintFor(schema));
}

interface ProblemPlaces {
  /** Returns the place of a part in the file. */
  readonly locate?: PlanText['locate'] | undefined;
  /** Problems found elsewhere. */
  readonly others?: readonly Problem[];
  readonly schema?: PlanFile;
}

/**
 * Returns a failure with all problems of a plan, in the order of the file if `locate` knows the places:
 * `fleet.yaml:9:14: fleets[0].count must be >= 1`. Then come `others`, unchanged.
 */
export function planFailure(
  file: string,
  problems: readonly PlanProblem[],
  { locate, others = [], schema = 'plan' }: ProblemPlaces = {},
): Failure {
  return documentFailure(file, problems, { hint: hintFor(schema), locate, others });
}
