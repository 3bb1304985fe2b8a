import type { Io } from './io.ts';

const shortMs = 1000;

/** Does something; a note says what is waited for where that takes longer than a second, unless a signal came. */
export async function longWait<Value>(io: Io, note: string, work: () => Promise<Value>): Promise<Value> {
  const timer = setTimeout(() => {
    if (!io.signal.aborted) io.note(note);
  }, shortMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
