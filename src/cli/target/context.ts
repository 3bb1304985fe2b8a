import { withOutput, type PrintContext } from '../printing/output.ts';
import { requestSettings, type RequestSettings } from './settings.ts';
import type { CommonValues } from './serverName.ts';
import type { FlagContext } from '../flags/sharedValues.ts';

/** The context of what talks to a server. */
export interface TargetContext<Values = CommonValues> extends FlagContext<Values> {
  readonly settings: RequestSettings;
}

/** The whole context of a command: what it was called with, how it prints, and how it sends. */
export interface Context<Values = CommonValues> extends PrintContext<Values>, TargetContext<Values> {}

/** Adds to a context how it prints and how it sends, read in this order. Throws a usage `Failure`. */
export async function contextOf<Values extends CommonValues>(given: FlagContext<Values>): Promise<Context<Values>> {
  const printing = await withOutput(given);
  return { ...printing, settings: requestSettings(given) };
}
