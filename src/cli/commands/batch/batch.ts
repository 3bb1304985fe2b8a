import type { Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import { BatchRun } from './batchRun.ts';
import { Feed } from './input/feed.ts';
import { Input } from '../../terminal/input.ts';
import { Journal } from './journal/journal.ts';
import type { JournalHeader } from './journal/journalRun.ts';
import { KnownActions } from './input/knownAction.ts';
import { LineSplitter } from '../../terminal/lineSplitter.ts';
import { Outcomes } from './outcomes.ts';
import { Pace, rateOf } from './pace.ts';
import { progressText } from './progress.ts';
import { unknownAction, type LineRequest, type Reading } from './input/requestLine.ts';
import { Sink } from '../../terminal/sink.ts';
import { Sleeper } from './sleeper.ts';
import { CsvRecords, JsonLines } from './input/source.ts';
import { LineTally } from './tally.ts';
import { closeConversation, openConversation, tellServer, type Conversation } from '../../target/conversation.ts';
import { whileBusy } from '../../terminal/waiting/longWait.ts';
import { readWholeNumber } from '../../flags/wholeNumber.ts';
import { cutText, safeText } from '../../terminal/safeText.ts';
import { besideId } from '../../request/requestId.ts';
import { dangers } from '../../flags/dangers.ts';
import { confirmServer } from '../../target/projectServer.ts';
import { requestSettings, type RequestSettings } from '../../target/settings.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { warningOnce } from '../../request/subscribeWarning.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** The flags of `batch` besides the common ones. */
type BatchValues = CommonValues & {
  readonly concurrency?: string;
  readonly rate?: string;
  readonly unordered?: boolean;
  readonly resume?: string;
  readonly action?: string;
  readonly format?: string;
  readonly allowUnknown?: boolean;
};

/** The flags of the batch, read and checked before any input is. */
interface BatchSettings {
  readonly concurrency: number;
  readonly rate: number | undefined;
  readonly format: 'ndjson' | 'csv';
  readonly reading: Reading;
  readonly request: RequestSettings;
}

/** Longer lines are refused: no server would take them, and memory must not depend on the input. */
const maxLineBytes = 16 * 1024 * 1024;

/** `devicehive batch FILE|-`: a request for each line, an outcome for each line. Throws `partial` unless all are ok. */
export async function batch(file: string, context: FlagContext<BatchValues>): Promise<void> {
  const { io } = context;
  const settings = settingsOf(file, context);
  const input = await Input.open(file);
  const tally = new LineTally();
  const lines = new LineSplitter(maxLineBytes);
  const share = () => (input.size === undefined || input.size === 0 ? undefined : lines.givenBytes / input.size);
  const startMs = performance.now();
  try {
    await whileBusy(
      io,
      () => progressText(tally, share(), performance.now() - startMs),
      () => work({ input, lines, tally }, settings, context),
    );
  } finally {
    input.close();
  }
  conclude(tally, context);
}

/** The lines of the input, and the count of their outcomes. */
interface BatchLines {
  readonly input: Input;
  readonly lines: LineSplitter;
  readonly tally: LineTally;
}

async function work(
  { input, lines, tally }: BatchLines,
  settings: BatchSettings,
  context: FlagContext<BatchValues>,
): Promise<void> {
  const { io, values } = context;
  let conversation: Conversation | undefined;
  const connect = async (first: LineRequest): Promise<Connection> => {
    const request = besideId(settings.request, first.wireId);
    // any line may hold a password
    await confirmServer(context);
    conversation = await openConversation(first.known.needsToken ? 'yes' : 'maybe', { ...context, settings: request });
    tellServer(conversation, context);
    return conversation.connection;
  };
  const isDry = values.dryRun === true;
  const journal = isDry ? undefined : await openJournal(input, settings, values, (failure) => run.fail(failure));
  const sleeper = new Sleeper();
  const sink = new Sink(process.stdout, {
    onRoom: sleeper.wake,
    ...(io.stdoutIsTerminal ? { prepare: await shownAs(context), beforeWrite: () => io.err('') } : {}),
  });
  const source = new (settings.format === 'csv' ? CsvRecords : JsonLines)(lines, settings.reading);
  const run: BatchRun = new BatchRun({
    feed: new Feed({ input, lines, source, sleeper, onFailure: (error) => run.fail(error) }),
    sink,
    outcomes: new Outcomes(sink, tally, values.unordered !== true),
    pace: new Pace(settings.rate),
    sleeper,
    journal,
    connect: isDry ? undefined : connect,
    onSubscribe: warningOnce(io, () => conversation?.token()),
    concurrency: settings.concurrency,
    probe: settings.request.probe,
    signal: io.signal,
  });
  try {
    await run.run();
  } finally {
    if (conversation !== undefined) await closeConversation(conversation);
    await journal?.close();
  }
}

/** Returns a function for outcomes as a terminal shows them: as text, unless JSON is wanted. */
async function shownAs(context: FlagContext<BatchValues>): Promise<(lines: string) => string> {
  if (context.values.json === true) return safeText;
  const { outcomeTexts } = await import('./outcomeText.ts');
  return outcomeTexts(context);
}

function settingsOf(file: string, context: FlagContext<BatchValues>): BatchSettings {
  const { values } = context;
  const { action, concurrency = '256' } = values;
  const request = requestSettings(context);
  if (request.allowLarge) context.io.danger(dangers.large);
  const atOnce = readWholeNumber(concurrency, '--concurrency', {
    least: 1,
    most: 99_999,
    hint: 'Write --concurrency 64.',
  });
  const problem = action === undefined ? undefined : unknownAction(action);
  if (problem !== undefined) throw new Failure('usage', `--action: ${problem}`, { hint: 'Such as command/update.' });
  if (file === '-' && values.token === '-') {
    throw new Failure('usage', 'stdin cannot be both the lines and the token', { hint: 'Use --token-file.' });
  }
  return {
    concurrency: atOnce,
    rate: values.rate === undefined ? undefined : rateOf(values.rate),
    format: formatOf(file, values.format),
    request,
    reading: {
      actions: new KnownActions(),
      action,
      allowUnknown: values.allowUnknown === true,
      allowLarge: request.allowLarge,
    },
  };
}

function formatOf(file: string, given: string | undefined): 'ndjson' | 'csv' {
  if (given === 'ndjson' || given === 'csv') return given;
  if (given === undefined) return /\.csv$/i.test(file) ? 'csv' : 'ndjson';
  throw new Failure('usage', `--format must be ndjson or csv, not '${cutText(given)}'`, { hint: 'Correct it there.' });
}

async function openJournal(
  input: Input,
  { format, reading }: BatchSettings,
  { resume }: BatchValues,
  onFailure: (failure: Failure) => void,
): Promise<Journal | undefined> {
  if (resume === undefined) return undefined;
  const headerFor = async (bytes: number | undefined): Promise<JournalHeader> => ({
    journal: 'devicehive batch 1',
    input: await input.fingerprint(bytes),
    action: reading.action ?? null,
    format,
  });
  return Journal.open(resume, headerFor, onFailure);
}

/** Ends a batch: it succeeded if every line is ok, a dry run if every line is valid. */
function conclude(tally: LineTally, { io, values }: FlagContext<BatchValues>): void {
  const { total, trouble } = tally;
  const bad = values.dryRun === true ? tally.of('invalid') : tally.notOk;
  if (io.signal.aborted) {
    throw new Failure(
      'interrupted',
      `the batch was stopped; of ${total} lines ${tally.of('ok')} are ok${trouble === '' ? '' : `, ${trouble}`}`,
      {
        hint: again(values, 'With --resume JOURNAL a batch that was stopped can go on.'),
      },
    );
  }
  if (bad > 0) {
    throw new Failure('partial', `${bad} of ${total} lines are not ok: ${trouble}`, {
      hint: again(values, 'Their outcomes say why.'),
    });
  }
  if (io.stderrIsTerminal) io.note(`${total} lines, all ${values.dryRun === true ? 'valid' : 'ok'}`);
}

function again({ resume, dryRun }: BatchValues, otherwise: string): string {
  if (resume !== undefined && dryRun !== true) return 'The same command again goes on after what was acknowledged.';
  return otherwise;
}
