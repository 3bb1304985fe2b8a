import { isFrame, type Frame } from '../../protocol/frames.ts';
import { labelOf, sourceOf, type FieldSource } from '../flags/fieldSources.ts';
import type { Flag } from '../flags/flags.ts';
import type { Suggestion } from '../terminal/prompts/suggestion.ts';
import { cutText, safeLine } from '../terminal/safeText.ts';

/** Asks the server one question; gives its reply. */
export type AskServer = (action: string, payload: Frame) => Promise<Frame>;

/** As many as are asked for; whoever has more of them types. */
const take = 100;

/** What the server has for this field; undefined where that is not known. Never rejects: a list that is refused or fails is an empty one. */
export function suggestionsFor(
  flag: Flag,
  values: ReadonlyMap<Flag, unknown>,
  ask: AskServer,
): Promise<readonly Suggestion[]> | undefined {
  const source = flag.repeatable ? undefined : sourceOf(flag);
  if (source === undefined) return undefined;
  const device = [...values].find(([{ path }]) => path.join('.') === 'deviceId')?.[1];
  if (source.ofDevice && device === undefined) return undefined;
  const payload = source.ofDevice ? { deviceId: device, sortField: 'timestamp', take } : { take };
  return ask(source.action, payload).then(
    (reply) => suggestionsIn(reply[source.list], source),
    () => [],
  );
}

function suggestionsIn(list: unknown, source: FieldSource): Suggestion[] {
  const items = Array.isArray(list) ? list.filter(isFrame) : [];
  const suggestions = items.flatMap((item) => {
    const { id } = item;
    const value = typeof id === 'string' || typeof id === 'number' ? String(id) : '';
    // What cannot be shown as it is cannot be typed either.
    if (value === '' || safeLine(value) !== value) return [];
    const label = labelOf(source, item);
    return [{ value, label: label === value ? '' : cutText(label, 100) }];
  });
  return source.ofDevice ? suggestions : suggestions.sort((one, other) => compare(one.value, other.value));
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
