import { redactText } from '../protocol/redact.ts';
import type { TraceEvent } from './contract.ts';
import type { Settings } from './settings.ts';

/** Tells one step of the wire trace, its secrets redacted; costs next to nothing where nobody listens. */
export function traceStep({ trace, url }: Settings, event: Omit<TraceEvent, 'atMs' | 'url'>): void {
  if (trace === undefined) return;
  const atMs = performance.timeOrigin + performance.now();
  trace({ atMs, url, ...event, ...(event.text === undefined ? {} : { text: redactText(event.text) }) });
}
