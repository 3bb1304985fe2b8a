import type { Frame } from '../../../protocol/frames.ts';
import { withOutput } from '../../printing/output.ts';
import { PatientOutput } from '../../terminal/patientOutput.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { streamPrinter, type Paint } from '../../printing/streamPrinter.ts';
import { moments, type TraceMoment } from './moments.ts';
import { momentLine, momentRecord } from './shownMoment.ts';
import { traceEntries } from './traceFile.ts';
import { TraceSecrets } from './traceSecrets.ts';
import { TraceSummary } from './traceSummary.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

type ShowValues = CommonValues & { readonly action?: string; readonly failed?: boolean };

/** `devicehive trace show FILE`: prints what was said and when, how long replies took, and a summary at the end. */
export async function traceShow(file: string, given: FlagContext<ShowValues>): Promise<void> {
  const context = await withOutput(given);
  const { io, values, output } = context;
  const patient = new PatientOutput(io);
  const summary = new TraceSummary();
  const secrets = new TraceSecrets();
  const print = await streamPrinter({ ...context, io: patient.io }, lineOf(summary), 'moments');
  let shown = 0;
  try {
    for await (const moment of secrets.noting(moments(traceEntries(file, io.signal)))) {
      summary.add(moment);
      for (const one of wanted(moment, values)) {
        shown++;
        await print(secrets.redacted(momentRecord(one, summary.startMs)));
      }
      if (!(await patient.hasRoom())) return;
    }
  } finally {
    if (output.query === undefined && !summary.isEmpty) await print(summary.record());
    await patient.end();
  }
  if (shown === 0) io.note(nothingFor(values));
}

/** Formats the summary differently from all other lines. */
function lineOf(summary: TraceSummary): (record: Frame, paint: Paint) => string {
  return (record, paint) => (record['kind'] === 'summary' ? summary.line() : momentLine(record, paint));
}

/** Returns the moments that pass the filters; a failed exchange comes with its request. */
function wanted(moment: TraceMoment, { action, failed }: ShowValues): TraceMoment[] {
  if (action !== undefined && !isOf(actionOf(moment), action)) return [];
  if (failed !== true) return [moment];
  if (moment.kind === 'silence') return [moment.request, moment];
  return moment.kind === 'reply' && moment.frame.status !== 'success' ? [moment.request, moment] : [];
}

function actionOf(moment: TraceMoment): string | undefined {
  if (moment.kind === 'request') return moment.action;
  if (moment.kind === 'reply' || moment.kind === 'silence') return moment.request.action;
  return moment.kind === 'push' ? moment.frame.action : undefined;
}

function isOf(action: string | undefined, wanted: string): boolean {
  return action === wanted || action?.startsWith(`${wanted}/`) === true;
}

function nothingFor({ action, failed }: ShowValues): string {
  const of = action === undefined ? '' : ` of ${cutText(action)}`;
  return failed === true ? `nothing${of} failed` : `nothing${of} is in the trace`;
}
