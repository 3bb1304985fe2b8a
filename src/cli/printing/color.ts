import { supportsColor, type ColorSupportLevel } from 'chalk';
import type { FlagContext } from '../flags/sharedValues.ts';

/** How much colour a stream gets: flags first, then NO_COLOR and FORCE_COLOR, then what the terminal can. */
export function colorLevel({ io, values }: FlagContext, isTerminal: boolean): ColorSupportLevel {
  if (values.color === false || values.color === 'never') return 0;
  if (values.color === 'always') return 1;
  const { NO_COLOR, FORCE_COLOR } = io.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return 0;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR === '0' || FORCE_COLOR === 'false' ? 0 : 1;
  return isTerminal && supportsColor !== false ? supportsColor.level : 0;
}
