import type { Io } from '../io.ts';
import type { Doing } from './waitLine.ts';

const shortMs = 1000;

/** Does something; a terminal shows what is waited for, once that takes longer than a second. */
export async function whileBusy<Value>(io: Io, doing: Doing, work: () => Promise<Value>): Promise<Value> {
  const end = io.busy(doing);
  try {
    return await work();
  } finally {
    end();
  }
}

/** Like `whileBusy`; where there is no terminal, a note says it, unless a signal came. */
export async function longWait<Value>(io: Io, text: string, work: () => Promise<Value>): Promise<Value> {
  const note = () => (io.signal.aborted ? undefined : io.note(text));
  const timer = io.stderrIsTerminal ? undefined : setTimeout(note, shortMs);
  try {
    return await whileBusy(io, text, work);
  } finally {
    clearTimeout(timer);
  }
}
