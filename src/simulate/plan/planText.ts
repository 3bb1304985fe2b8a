import type { Failure } from '../../errors.ts';
import { documentFailure, readDocument, type DocumentText } from '../../protocol/documentText.ts';
import type { PlanProblem } from './problems.ts';

/** What a plan file says, and where each part of it stands. */
export type PlanText = DocumentText;

const hint = 'What a plan may hold: devicehive simulate init --print';

/** Reads a plan in YAML or JSON. Throws an invalid `Failure` that tells all that does not parse; `file` names the text. */
export function parsePlan(text: string, file: string): Promise<PlanText> {
  return readDocument(text, file, hint);
}

/** What is wrong with a plan as a `Failure`, in the order of the file where `locate` says where things stand: `fleet.yaml:9:14: fleets[0].count must be >= 1`. */
export function planFailure(file: string, problems: readonly PlanProblem[], locate?: PlanText['locate']): Failure {
  return documentFailure(file, problems, hint, locate);
}
