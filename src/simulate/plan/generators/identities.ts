import { formatTimestamp } from '../../../protocol/timestamps.ts';
import { whole } from '../random.ts';
import { timeFormat } from './argumentTypes.ts';
import type { Generator, Produce } from './generator.ts';
import { own } from '../../../protocol/own.ts';

const formats: Readonly<Record<string, Produce>> = {
  iso: ({ originMs, atMs }) => formatTimestamp(originMs + atMs),
  ms: ({ originMs, atMs }) => originMs + atMs,
  s: ({ originMs, atMs }) => (originMs + atMs) / 1000,
};

/** The generator of the time at which the value was due. */
export const timestamp: Generator = {
  name: 'timestamp',
  summary: 'The time when the value is due: iso (as DeviceHive writes it, UTC), ms or s since 1970.',
  arguments: [{ name: 'format', type: timeFormat, description: 'iso, ms or s; iso unless given.' }],
  example: 'timestamp(ms)',
  planExample: 'ms',
  compile: ({ format = 'iso' }) => own(formats, format as string),
};

/** The generator of random UUIDs (RFC 9562, version 4). */
export const uuid: Generator = {
  name: 'uuid',
  summary: 'A random UUID, a new one each time.',
  arguments: [],
  example: 'uuid',
  planExample: {},
  compile:
    () =>
    ({ random }) =>
      'xxxxxxxx-xxxx-4xxx-Yxxx-xxxxxxxxxxxx'.replace(/[xY]/g, (sign) =>
        (sign === 'x' ? whole(random, 16) : 8 + whole(random, 4)).toString(16),
      ),
};
