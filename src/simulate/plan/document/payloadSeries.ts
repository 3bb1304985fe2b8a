import type { Problem } from '../../../errors.ts';
import type { CsvFile } from '../generators/generator.ts';
import type { JsonFields } from '../model.ts';
import { Stream } from '../random.ts';
import { compileTemplate } from './template.ts';

/** A series of payloads outside of a plan, made by the generators of one template. */
export interface PayloadSeries {
  /** Returns the next payload; `atMs` counts from `originMs`, which is in ms since 1970. */
  next(atMs: number, originMs: number): JsonFields;
}

/**
 * Compiles a payload as plans write it. Returns its problem, whose place begins with `at`, if it is invalid. There is
 * no device, so generators find neither a state nor a command.
 */
export function payloadSeries(
  content: JsonFields,
  at: string,
  table: (file: string) => CsvFile | string,
): PayloadSeries | readonly Problem[] {
  const problems: Problem[] = [];
  const template = compileTemplate(content, {
    problem: (path, message) => void problems.push({ at: [at, ...path].join('.'), message }),
    table,
    stateNames: new Set(),
    hasCommand: false,
    hasState: false,
  });
  if (problems.length > 0) return problems;
  const random = new Stream(Math.floor(Math.random() * 2 ** 32), 'payloads');
  const memory = template.remember();
  return {
    next: (atMs, originMs) => template.produce({ random, memory, atMs, originMs, state: {}, parameters: null }),
  };
}
