import { listReader, type AskServer, type Connection, type Exchange, type ListReader } from '../../client/index.ts';
import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import { printResult, type PrintContext } from '../printing/output.ts';
import { whileBusy } from '../terminal/waiting/longWait.ts';
import { PatientOutput } from '../terminal/patientOutput.ts';
import { itemOrder, type ItemOrder } from './itemOrder.ts';
import { mayBeRounded, noteRounded } from '../printing/rounding.ts';
import type { Exchanged, PrintedExchange, Prepared } from './prepared.ts';

/** A list of more characters is refused, except as lines, which are printed at once and take no memory. */
const mostLength = 128 * 1024 * 1024;

/** Fetches a whole list in replies small enough for the server; lines (`-o ndjson`) are printed as they come. */
export async function fetchAll(connection: Connection, prepared: Prepared): Promise<Exchanged> {
  const fetching = new Fetching(connection, prepared, await listReader());
  const { format, query, envelope } = prepared.output;
  const isPrinted = format === 'ndjson' && query === undefined && !envelope && !fetching.order.isOfAll;
  const work = () => shortfallOf(isPrinted ? fetching.print(prepared) : fetching.collect());
  const verdict = await whileBusy(prepared.io, () => fetching.progress, work);
  if (fetching.roundedText !== undefined)
    await noteRounded(fetching.roundedText, prepared.io, '--json without --all keeps it');
  return { outcome: fetching.outcome, verdict, isPrinted };
}

/** Returns the payload of the first request for a whole list. */
export async function firstPage({ action, payload }: Prepared): Promise<Frame> {
  const asked: Frame[] = [];
  const ask: AskServer = (_action, page) => {
    asked.push(page);
    return Promise.resolve({});
  };
  const { listAll } = await listReader();
  await listAll(ask, action, payload).next();
  return asked[0] ?? payload;
}

/**
 * Returns the `partial` failure of a list that lacks some items; undefined if it is complete. Throws any other failure.
 */
async function shortfallOf(work: Promise<void>): Promise<Failure | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.kind === 'partial') return error;
    throw error;
  }
}

/** One list on its way, reply by reply. */
class Fetching {
  readonly order: ItemOrder;
  readonly #connection: Connection;
  readonly #action: string;
  readonly #payload: Frame;
  readonly #reader: ListReader;
  #last: Exchange | undefined;
  #items: unknown[] = [];
  #length = 0;
  #count = 0;
  /** The text of a reply with a number that JavaScript may have rounded. */
  roundedText: string | undefined;

  constructor(connection: Connection, { action, payload }: Prepared, reader: ListReader) {
    this.#connection = connection;
    this.#action = action;
    this.#payload = payload;
    this.#reader = reader;
    this.order = itemOrder(action, payload);
  }

  /** The last exchange, with all collected items in place of its own. */
  get outcome(): PrintedExchange {
    if (this.#last === undefined) throw new Error(`${this.#action} was not asked for`);
    const { request, replyMs } = this.#last;
    return { request, reply: this.#replyWith(this.#items), replyMs };
  }

  get progress(): string {
    return `fetching ${this.#action}, page by page: ${this.#count} came so far`;
  }

  async collect(): Promise<void> {
    try {
      for await (const items of this.#pages()) {
        if (this.#length > mostLength) throw tooLong(this.#action);
        for (const item of items) this.#items.push(item);
      }
    } finally {
      const { isOfAll, skip } = this.order;
      const arranged = this.order.arrange(this.#items);
      this.#items = isOfAll ? arranged.slice(skip) : [...arranged];
    }
  }

  /** Prints items as they come, no faster than they are read. */
  async print(context: PrintContext): Promise<void> {
    const printer = new PatientOutput(context.io);
    try {
      for await (const items of this.#pages()) {
        await printResult(this.#replyWith(items), { ...context, io: printer.io });
        if (!(await printer.hasRoom())) return;
      }
    } finally {
      await printer.end();
    }
  }

  async *#pages(): AsyncGenerator<readonly unknown[], void> {
    const { isNewestFirst, isOfAll, skip } = this.order;
    let left = isOfAll ? 0 : skip;
    for await (const items of this.#reader.listAll(this.#ask, this.#action, this.#payload, isNewestFirst)) {
      this.#count += items.length;
      yield items.slice(left);
      left = Math.max(0, left - items.length);
    }
  }

  readonly #ask: AskServer = async (action, payload) => {
    const exchange = await this.#connection.request(action, payload);
    if (action === this.#action) this.#last = exchange;
    this.#length += exchange.text.length;
    if (mayBeRounded(exchange.text)) this.roundedText ??= exchange.text;
    return exchange.reply;
  };

  #replyWith(items: readonly unknown[]): Frame {
    const reply = this.#last?.reply ?? {};
    const list = this.#reader.listIn(reply);
    return list === undefined ? reply : { ...reply, [list.name]: items };
  }
}

function tooLong(action: string): Failure {
  return new Failure('usage', `${action}: the list is too long to be kept: more than 128 MiB came so far`, {
    action,
    hint: 'Print it line by line, with -o ndjson.',
  });
}
