import { Failure } from '../../errors.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { formatTimestamp, parseTimestamp } from '../../protocol/timestamps.ts';
import { itemsOf, type AskServer } from './replies.ts';
import { PageSize } from './pageSize.ts';

/** A server that needs more questions than this does not list by time. */
const mostQuestions = 20_000;

/** A span of time, both ends included, in ms since 1970. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A list of commands or notifications of one device. */
export interface MessageList {
  readonly ask: AskServer;
  readonly action: string;
  /** The fields that choose them; how they are sorted and cut does not count. */
  readonly payload: Frame;
  readonly isNewestFirst: boolean;
}

/**
 * Yields all commands or notifications of a list by their timestamps. The server cuts such a list before it sorts it
 * (PROTOCOL.md 4.14), so there are no pages: where a reply is full, its span of time is halved, until every part is
 * whole. Throws a `Failure`: `partial`, at the end, where one millisecond holds more than one reply may; `refused`
 * where the server does not list by time.
 */
export async function* allMessages(list: MessageList): AsyncGenerator<readonly unknown[], void> {
  const size = new PageSize();
  const spans = [wholeOf(list)];
  let crowded: Span | undefined;
  for (let questions = 1, span = spans.pop(); span !== undefined; questions++, span = spans.pop()) {
    if (questions > mostQuestions) throw notByTime(list);
    const { take } = size;
    const items = await messagesIn(list, span, { take });
    size.learn(items);
    if (items.length < take) yield sorted(items, list);
    else if (size.take > take) spans.push(span);
    else if (span.fromMs < span.toMs) for (const half of halvesOf(span, items, list)) spans.push(half);
    else {
      yield items;
      if ((await messagesIn(list, span, { skip: items.length, take: 1 })).length > 0) crowded ??= span;
    }
  }
  if (crowded !== undefined) throw tooCrowded(list, crowded);
}

function wholeOf({ payload: { start, end } }: MessageList): Span {
  return { fromMs: timeOf(start) ?? -Infinity, toMs: timeOf(end) ?? Infinity };
}

function messagesIn({ ask, action, payload }: MessageList, span: Span, cut: Frame): Promise<readonly unknown[]> {
  const { sortField: _field, sortOrder: _order, skip: _skip, take: _take, ...filter } = payload;
  const start = span.fromMs === -Infinity ? {} : { start: formatTimestamp(span.fromMs) };
  const end = span.toMs === Infinity ? {} : { end: formatTimestamp(span.toMs) };
  return itemsOf(ask, action, { ...filter, ...start, ...end, ...cut });
}

/**
 * The later to be asked for first comes last. About half of the messages are in each: a full reply is a sample of them.
 */
function halvesOf({ fromMs, toMs }: Span, items: readonly unknown[], list: MessageList): readonly Span[] {
  const times = items
    .map(momentOf)
    .filter((ms) => !Number.isNaN(ms))
    .sort((one, other) => one - other);
  const [first = NaN, last = NaN] = [times[0], times.at(-1)];
  if (!(first >= fromMs && last <= toMs)) throw notByTime(list);
  const middleMs = Math.min(times[(times.length - 1) >> 1] ?? fromMs, toMs - 1);
  const earlier = { fromMs, toMs: middleMs };
  const later = { fromMs: middleMs + 1, toMs };
  return list.isNewestFirst ? [earlier, later] : [later, earlier];
}

function sorted(items: readonly unknown[], { isNewestFirst }: MessageList): readonly unknown[] {
  const direction = isNewestFirst ? -1 : 1;
  return items.toSorted((one, other) => direction * (momentOf(one) - momentOf(other)));
}

function momentOf(item: unknown): number {
  return (isFrame(item) ? timeOf(item['timestamp']) : undefined) ?? NaN;
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseTimestamp(String(value)) : undefined;
}

function notByTime({ action }: MessageList): Failure {
  return new Failure(
    'refused',
    `${action}: the server does not keep to start and end, so a list this long cannot be had in safe parts`,
    {
      action,
      hint: 'The server does not list as DeviceHive 4 does. Ask for less: --name, --start and --end.',
    },
  );
}

function tooCrowded({ action }: MessageList, { fromMs }: Span): Failure {
  const [noun = ''] = action.split('/');
  const message = `${action}: the ${noun}s of ${formatTimestamp(fromMs)} are more than one reply may hold; some of them are missing`;
  return new Failure('partial', message, { action, hint: 'Ask for some of them: by name, or by status.' });
}
