import type { AskServer } from '../../client/index.ts';
import type { Frame } from '../../protocol/frames.ts';
import { labelOf, sourceOf, type FieldSource } from '../flags/fieldSources.ts';
import type { Flag } from '../flags/flags.ts';
import type { Suggestion, Suggestions } from '../terminal/prompts/suggestion.ts';
import { knownItems } from './knownItems.ts';
import { cutText, safeLine } from '../terminal/safeText.ts';

/**
 * Returns the server's values for this field; undefined if it has no known source. Never rejects: a refused or failed
 * list is empty.
 */
export function suggestionsFor(
  flag: Flag,
  values: ReadonlyMap<Flag, unknown>,
  ask: AskServer,
): Promise<Suggestions> | undefined {
  const source = flag.repeatable ? undefined : sourceOf(flag);
  if (source === undefined) return undefined;
  const device = [...values].find(([{ path }]) => path.join('.') === 'deviceId')?.[1];
  if (source.ofDevice && device === undefined) return undefined;
  return suggestionsFrom(source, source.ofDevice ? { deviceId: device } : {}, ask).catch(() => ({ list: [] }));
}

async function suggestionsFrom(source: FieldSource, payload: Frame, ask: AskServer): Promise<Suggestions> {
  const { items, extent } = await knownItems(source, payload, ask);
  const frames = [...items];
  if (source.ofDevice) frames.sort((one, other) => compare(String(other['timestamp']), String(one['timestamp'])));
  const suggestions = frames.flatMap((item) => suggestionsOf(item, source));
  const list = source.ofDevice ? suggestions : suggestions.sort((one, other) => compare(one.value, other.value));
  return { list, remark: extent };
}

/** Returns none for a value that cannot be shown unchanged: it cannot be typed either. */
function suggestionsOf(item: Frame, source: FieldSource): Suggestion[] {
  const { id } = item;
  const value = typeof id === 'string' || typeof id === 'number' ? String(id) : '';
  if (value === '' || safeLine(value) !== value) return [];
  const label = labelOf(source, item);
  return [{ value, label: label === value ? '' : cutText(label, 100) }];
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
