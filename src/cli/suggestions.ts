import { isFrame, type Frame } from '../protocol/frames.ts';
import type { Flag } from './flags.ts';
import type { Suggestion } from './prompts/suggestion.ts';
import { cutText, safeLine } from './safeText.ts';

/** Asks the server one question; gives its reply. */
export type AskServer = (action: string, payload: Frame) => Promise<Frame>;

/** Where the values of a field are found: one cheap request, the list in its reply, and what is told of an item. */
interface Source {
  readonly action: string;
  readonly list: string;
  readonly label: (item: Frame) => readonly unknown[];
  /** The list is that of one device, which must be known. */
  readonly ofDevice?: boolean;
}

/** By the last name of a field's path. A command is never asked for with `command/get`, which may freeze a server (protocol.md 0.1). */
const sources: Readonly<Record<string, Source>> = {
  deviceId: { action: 'device/list', list: 'devices', label: ({ name }) => [name] },
  networkId: { action: 'network/list', list: 'networks', label: ({ name, description }) => [name, description] },
  deviceTypeId: {
    action: 'devicetype/list',
    list: 'deviceTypes',
    label: ({ name, description }) => [name, description],
  },
  userId: { action: 'user/list', list: 'users', label: ({ login }) => [login] },
  commandId: {
    action: 'command/list',
    list: 'commands',
    label: ({ command, status, timestamp }) => [command, status ?? 'no status yet', timestamp],
    ofDevice: true,
  },
  notificationId: {
    action: 'notification/list',
    list: 'notifications',
    label: ({ notification, timestamp }) => [notification, timestamp],
    ofDevice: true,
  },
};

/** As many as are asked for; whoever has more of them types. */
const take = 100;

/** What the server has for this field; undefined where that is not known. Never rejects: a list that is refused or fails is an empty one. */
export function suggestionsFor(
  flag: Flag,
  values: ReadonlyMap<Flag, unknown>,
  ask: AskServer,
): Promise<readonly Suggestion[]> | undefined {
  const source = flag.repeatable ? undefined : sources[flag.path.at(-1) ?? ''];
  if (source === undefined) return undefined;
  const device = [...values].find(([{ path }]) => path.join('.') === 'deviceId')?.[1];
  if (source.ofDevice === true && device === undefined) return undefined;
  const payload = source.ofDevice === true ? { deviceId: device, sortField: 'timestamp', take } : { take };
  return ask(source.action, payload).then(
    (reply) => suggestionsIn(reply[source.list], source),
    () => [],
  );
}

function suggestionsIn(list: unknown, { label, ofDevice }: Source): Suggestion[] {
  const items = Array.isArray(list) ? list.filter(isFrame) : [];
  const suggestions = items.flatMap((item) => {
    const { id } = item;
    const value = typeof id === 'string' || typeof id === 'number' ? String(id) : '';
    // What cannot be shown as it is cannot be typed either.
    if (value === '' || safeLine(value) !== value) return [];
    return [{ value, label: textOf(label(item).filter((part) => part !== value)) }];
  });
  return ofDevice === true ? suggestions : suggestions.sort((one, other) => compare(one.value, other.value));
}

function textOf(parts: readonly unknown[]): string {
  return parts
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .map((part) => cutText(part))
    .join(', ');
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
