import { isFrame } from '../protocol/frames.ts';
import type { Frame } from '../protocol/frames.ts';

/** What the server has to say about itself: above all, why it stayed silent (cli.md 6). Tokens and passwords in it are replaced. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** The request it is about; text where it could not be parsed. */
  readonly frame?: Frame | string;
  /** What the real server thought and did not say. */
  readonly reason?: string;
  /** Where the behaviour is described, such as `protocol.md 4.12`. */
  readonly section?: string;
  /** Where an unexpected error arose. */
  readonly stack?: string;
}

/** Takes what the server has to say. */
export type Log = (entry: LogEntry) => void;

const secrets = new Set(['token', 'accessToken', 'refreshToken', 'password', 'oldPassword']);

/** The text of a frame as the log may show it: parsed where that is possible, and without its secrets. */
export function loggable(text: string): Frame | string {
  try {
    const value: unknown = JSON.parse(text);
    return isFrame(value) ? (redacted(value) as Frame) : text;
  } catch {
    return text.replaceAll(/((?:token|password)["']?\s*[:=]>?\s*)("[^"]*"?|'[^']*'?|[^\s,;}]+)/gi, '$1"***"');
  }
}

function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (!isFrame(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, secrets.has(key) ? '***' : redacted(child)]),
  );
}
