import { Failure } from '../../../../errors.ts';
import { withOutput } from '../../../printing/output.ts';
import { PatientOutput } from '../../../terminal/patientOutput.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import { streamPrinter } from '../../../printing/streamPrinter.ts';
import { Comparison } from './comparison.ts';
import { findingPrinter, FindingTally, type SideNames } from '../finding.ts';
import { moments } from '../moments.ts';
import { TraceSecrets } from '../traceSecrets.ts';
import { traceEntries } from '../traceFile.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

const names: SideNames = {
  expected: 'first',
  actual: 'second',
  missing: 'only in the first',
  unexpected: 'only in the second',
};

/**
 * `devicehive trace diff ONE OTHER`: reports where two recordings differ as conversations. Throws `assertion` if they
 * do.
 */
export async function traceDiff(one: string, other: string, given: FlagContext<CommonValues>): Promise<void> {
  const context = await withOutput(given);
  const { io, output } = context;
  if (one === '-' && other === '-')
    throw new Failure('usage', 'stdin cannot be both recordings', { hint: 'Name a file.' });
  const patient = new PatientOutput(io);
  const tally = new FindingTally();
  const print = await streamPrinter({ ...context, io: patient.io }, findingPrinter(tally, names), 'findings');
  const comparison = new Comparison();
  const secrets = new TraceSecrets();
  try {
    for await (const finding of comparison.run(
      secrets.noting(moments(traceEntries(one, io.signal))),
      secrets.noting(moments(traceEntries(other, io.signal))),
    )) {
      tally.add(finding);
      if (finding.outcome !== 'agrees') await print(secrets.redacted(finding));
      if (!(await patient.hasRoom())) break;
    }
    if (output.query === undefined) await print(tally.record());
  } finally {
    await patient.end();
  }
  if (tally.different > 0)
    throw new Failure('assertion', `the recordings differ in ${tally.different} of ${tally.compared} places`, {
      hint: 'Above is where; --json tells the whole frames.',
    });
}
