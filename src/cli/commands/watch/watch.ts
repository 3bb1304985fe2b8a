import { lookedInto } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { PushFrame } from '../../../protocol/frames.ts';
import { lookedUpList } from '../../../protocol/reach.ts';
import type { Io } from '../../terminal/io.ts';
import { printResult, type PrintContext } from '../../printing/output.ts';
import { contextOf } from '../../target/context.ts';
import type { Print } from '../../printing/streamPrinter.ts';
import { SeenPushes } from '../../request/waitSeen.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import type { WatchExec } from './exec.ts';
import { whileBusy } from '../../terminal/waiting/longWait.ts';
import { WatchIo } from '../../terminal/watchIo.ts';
import { WatchLink } from './link.ts';
import { watchPlan, type WatchPlan, type WatchValues } from './plan.ts';
import { pushPrinter } from '../../printing/pushPrinter.ts';
import { removeReadyFile, writeReadyFile } from '../../terminal/files.ts';
import { firstSubscribe } from './missed.ts';
import { watchedText } from './watchedText.ts';
import { partsOf } from './subscriptions.ts';
import { PushStream } from '../../printing/pushStream.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** Why a watch ends. */
type Ending = 'count' | 'until' | 'time' | 'signal' | 'reader gone' | Failure;

/** How long a failed watch waits for its output to be read, in ms. */
const lastOutputMs = 500;

/** `devicehive command watch` and `notification watch`: prints pushes as they come, until told to end. */
export async function watch(
  noun: 'command' | 'notification',
  given: FlagContext<WatchValues>,
  endKeys = 'Ctrl-C',
): Promise<void> {
  if (given.values.dryRun !== true) removeReadyFile(given.values.readyFile);
  const context = await contextOf(given);
  const { io, values } = context;
  const plan = await watchPlan(`${noun}/subscribe`, context);
  if (values.dryRun === true) return printFrame(plan, context);
  const end = new Deferred<Ending>();
  const stream = new PushStream(
    (why) => end.resolve(why),
    () => io.err(''),
  );
  const aborter = new AbortController();
  const watchIo = new WatchIo(io, aborter.signal, (text) => stream.write(text));
  const watchContext = { ...context, io: watchIo };
  const print = await pushPrinter(watchContext);
  const abort = () => aborter.abort(io.signal.reason);
  io.signal.addEventListener('abort', abort, { once: true });
  if (io.signal.aborted) abort();
  const link = await whileBusy(io, 'subscribing', () => WatchLink.open(plan, watchContext));
  // from here on a signal first unsubscribes
  io.signal.removeEventListener('abort', abort);
  try {
    io.progress(watchedText(plan, link.conversation, endKeys));
    await new Watching(plan, link, { print, end, stream, io }).run(watchContext);
  } finally {
    await link.close();
  }
}

/** Prints the subscribe frame, as far as it is known without a server. */
async function printFrame(plan: WatchPlan, context: PrintContext<WatchValues>): Promise<void> {
  const { io, output } = context;
  const list = lookedUpList(plan.payload, undefined);
  if (list !== undefined) {
    const action = list === 'networkIds' ? 'network/list' : 'devicetype/list';
    io.note(`the frame will hold ${list} too: all that ${action} gives`);
  }
  const format = output.format === 'text' || output.format === 'csv' ? 'json' : output.format;
  if (plan.since !== undefined)
    io.note(`what came before is asked for then, with ${plan.action.split('/')[0] ?? ''}/list`);
  const frames = partsOf(plan).map((part, index) => ({
    action: plan.action,
    requestId: index + 1,
    ...firstSubscribe(part),
  }));
  for (const frame of frames) await printResult(frame, { ...context, output: { ...output, format } });
}

/** A promise that is settled from outside; only the first time counts. */
class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;

  constructor() {
    this.promise = new Promise((resolve) => (this.resolve = resolve));
  }
}

/** The output of a watch, and its ends. */
interface WatchEnds {
  readonly print: Print<PushFrame>;
  readonly end: Deferred<Ending>;
  readonly stream: PushStream;
  /** Its signal ends the watch; that of a `WatchIo` ends the connection. */
  readonly io: Io;
}

class Watching {
  readonly #plan: WatchPlan;
  readonly #link: WatchLink;
  readonly #print: Print<PushFrame>;
  readonly #end: Deferred<Ending>;
  readonly #stream: PushStream;
  readonly #io: Io;
  readonly #seen = new SeenPushes();
  #count = 0;
  #isOver = false;
  #exec: WatchExec | undefined;

  constructor(plan: WatchPlan, link: WatchLink, { print, end, stream, io }: WatchEnds) {
    this.#plan = plan;
    this.#link = link;
    this.#print = print;
    this.#end = end;
    this.#stream = stream;
    this.#io = io;
  }

  /** Watches until something ends it, then unsubscribes, and throws the `Failure` that the end means. */
  async run(context: FlagContext<WatchValues>): Promise<void> {
    const { exec, readyFile, forMs } = this.#plan;
    if (exec !== undefined) {
      const { WatchExec } = await import('./exec.ts');
      this.#exec = new WatchExec(exec, this.#link, context, (failure) => this.#end.resolve(failure));
    }
    if (readyFile !== undefined) {
      const write = () => writeReadyFile(readyFile, this.#link.ready);
      write();
      this.#link.onResubscribed(write);
    }
    const timer = forMs === undefined ? undefined : setTimeout(() => this.#end.resolve('time'), forMs);
    const stop = () => this.#end.resolve('signal');
    this.#io.signal.addEventListener('abort', stop, { once: true });
    if (this.#io.signal.aborted) stop();
    void this.#read();
    const ending = await this.#end.promise;
    clearTimeout(timer);
    this.#isOver = true;
    await this.#conclude(ending);
  }

  async #read(): Promise<void> {
    try {
      for await (const push of this.#link.pushes()) {
        if (this.#isOver) return;
        if (this.#seen.isNew(push)) await this.#take(push);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Failure) this.#end.resolve(error);
    else this.#bug(error);
  }

  #bug(error: unknown): void {
    // not a `Failure`: it keeps its stack on its way to `main`
    this.#crash = { error };
    this.#end.resolve('signal');
  }

  #crash: { readonly error: unknown } | undefined;

  async #take(push: PushFrame): Promise<void> {
    await this.#print(push);
    this.#exec?.take(push);
    this.#count++;
    if (this.#plan.until?.(push) === true) this.#finishWith('until');
    else if (this.#count === this.#plan.count) this.#finishWith('count');
  }

  #finishWith(ending: Ending): void {
    this.#isOver = true;
    this.#end.resolve(ending);
  }

  async #conclude(ending: Ending): Promise<void> {
    const wasLost = this.#link.isLost;
    await this.#link.finish();
    if (ending === 'signal') await this.#exec?.stopBy(this.#io.signal);
    else if (!(ending instanceof Failure)) await this.#exec?.settled(this.#io.signal);
    else await this.#exec?.stop('SIGTERM');
    if (this.#crash !== undefined) throw this.#crash.error;
    const failure = (await this.#failureOf(ending, wasLost)) ?? this.#exec?.failure;
    const enough = failure === undefined ? this.#io.signal : AbortSignal.any([this.#io.signal, soon()]);
    const unwritten = await this.#stream.flushed(enough);
    const worst = failure ?? unwritten;
    if (worst !== undefined) throw worst;
  }

  async #failureOf(ending: Ending, wasLost: boolean): Promise<Failure | undefined> {
    if (ending instanceof Failure) return ending;
    if (ending === 'signal' || this.#io.signal.aborted) return new Failure('interrupted', 'stopped watching');
    if (ending === 'time' && wasLost)
      return new Failure('connect', 'the connection was lost and not there again when the time of --for was over', {
        hint: 'Check the server.',
      });
    const unmet = this.#unmet(ending);
    const isUnheard = unmet !== undefined && this.#count === 0 && !this.#link.isLost;
    return isUnheard ? lookedInto(unmet, this.#link.conversation.connection) : unmet;
  }

  #unmet(ending: Exclude<Ending, Failure>): Failure | undefined {
    const { count, until, forMs = 0 } = this.#plan;
    if (ending === 'reader gone' || ending === 'until') return undefined;
    const came = `${this.#count} ${this.#count === 1 ? 'push' : 'pushes'} came`;
    const within = ending === 'time' ? ` within ${spokenDuration(forMs)}` : '';
    if (until !== undefined)
      return new Failure('assertion', `${came}${within}, none of them as --until wants it`, {
        hint: 'Allow more time, or correct the expression.',
      });
    if (ending !== 'time' || count === undefined) return undefined;
    return new Failure('assertion', `${came}${within}, not ${count}`, { hint: 'Allow more time with --for.' });
  }
}

function soon(): AbortSignal {
  return AbortSignal.timeout(lastOutputMs);
}
