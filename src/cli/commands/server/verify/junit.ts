import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../../../errors.ts';
import { fileReason, writeWhole } from '../../../terminal/files.ts';
import { junitXml, type JunitCase, type JunitSuite } from '../../../printing/junit.ts';
import { cutText } from '../../../terminal/safeText.ts';
import type { StepResult } from './scenario.ts';
import type { Summary, ToldDifference } from './summary.ts';

/** Refuses a place where no file can be written, before anything is sent. Throws a usage `Failure`. */
export function checkJunitPlace(file: string): void {
  try {
    if (statSync(dirname(file)).isDirectory() && statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true)
      return;
  } catch (error) {
    throw notWritten(file, error);
  }
  throw notWritten(file, { code: 'ENOTDIR' });
}

/** Writes a suite for each scenario and a case for each step, whole or not at all. Throws a usage `Failure`. */
export function writeJunit(file: string, results: readonly StepResult[], { differences, server }: Summary): void {
  const names = [...new Set(results.map(({ scenario }) => scenario))];
  const told = new Map(differences.map((difference) => [keyOf(difference), difference]));
  const suites: JunitSuite[] = names.map((name) => ({
    name,
    cases: results.filter(({ scenario }) => scenario === name).map((result) => caseOf(result, told.get(keyOf(result)))),
  }));
  try {
    writeWhole(file, junitXml(`devicehive server verify ${server.url}`, suites), 0o666);
  } catch (error) {
    throw notWritten(file, error);
  }
}

function keyOf({ scenario, step, connection }: Pick<StepResult, 'scenario' | 'step' | 'connection'>): string {
  return `${scenario} ${step} ${connection}`;
}

function caseOf({ step, note, action, ms, verdict }: StepResult, told: ToldDifference | undefined): JunitCase {
  const head = { name: `${step}. ${note || action}`, group: action, ms };
  if (verdict.kind === 'agree') return { ...head, outcome: { kind: 'passed' } };
  if (verdict.kind === 'skipped') return { ...head, outcome: { kind: 'skipped', message: `needs ${verdict.reason}` } };
  const { sent, expected, received, at = [] } = told ?? {};
  const lines = Object.entries({ sent, expected, received }).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const message = at.length === 0 ? 'no such answer' : `differs in ${at.join(', ')}`;
  return { ...head, outcome: { kind: 'failed', message, text: lines.join('\n') } };
}

function notWritten(file: string, error: unknown): Failure {
  return new Failure('usage', `--junit: cannot write '${cutText(file, 200)}': ${fileReason(error)}`, {
    hint: 'Choose another file.',
    cause: error,
  });
}
