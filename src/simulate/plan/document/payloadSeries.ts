import type { Problem } from '../../../errors.ts';
import type { CsvFile } from '../generators/generator.ts';
import type { JsonFields } from '../model.ts';
import { Stream } from '../random.ts';
import { compileTemplate } from './template.ts';

/** Payloads that follow each other outside of a plan, made by the generators in the first one. */
export interface PayloadSeries {
  /** Returns the next payload; `atMs` counts from `originMs`, which counts from 1970. */
  next(atMs: number, originMs: number): JsonFields;
}

/**
 * Compiles a payload as plans write it. Returns what is wrong with it where anything is; the places begin with `at`.
 * Nobody plays a device here, so that generators find neither a state nor a command.
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
