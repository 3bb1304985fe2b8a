import { moments, type TraceMoment } from '../../../../src/cli/commands/trace/moments.ts';
import { readEntry, type TraceEntry } from '../../../../src/cli/commands/trace/traceFile.ts';
import type { Frame } from '../../../../src/protocol/frames.ts';
import { traceText, type Entry } from '../../../helpers/traces.ts';

/** Returns the moments of a trace with these entries. */
export function momentsOf(entries: readonly Entry[], silenceMs = 0): AsyncGenerator<TraceMoment, void> {
  return moments(entriesOf(entries, silenceMs));
}

async function* entriesOf(entries: readonly Entry[], silenceMs: number): AsyncGenerator<TraceEntry> {
  const lines = traceText(entries, silenceMs).trimEnd().split('\n');
  for (const [index, line] of lines.entries()) {
    const entry = readEntry(JSON.parse(line) as Frame, index + 1);
    if (entry === undefined) throw new Error(line);
    yield await Promise.resolve(entry);
  }
}

/** Collects an async iterable. */
export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
