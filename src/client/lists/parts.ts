import type { Frame } from '../../protocol/frames.ts';
import type { Known } from './seenItems.ts';

/** Some of the devices of a list: the fields that choose them, and those of them that have come. */
export interface ListPart {
  readonly filter: Frame;
  readonly known: readonly Known[];
  /** The prefix of all their names, if a pattern of ours implies one. */
  readonly prefix?: string;
}

/** The devices of a part by network, of which the server has these; undefined where they lie in one. */
export function partsByNetwork(
  { filter, known }: ListPart,
  networkIds: readonly unknown[],
): readonly ListPart[] | undefined {
  const groups = groupsOf(known, ({ networkId }) => networkId);
  const ids = new Set([...groups.keys(), ...networkIds].filter((id) => typeof id === 'number'));
  if (ids.size < 2) return undefined;
  return [...ids].map((networkId) => ({ filter: { ...filter, networkId }, known: groups.get(networkId) ?? [] }));
}

/** The devices of a part by what their names begin with; none where all have one name. */
export function partsByName({ filter, known, prefix }: ListPart): readonly ListPart[] {
  const names = groupsOf(known, ({ name }) => name);
  if (filter['name'] !== undefined || names.size < 2) return [];
  const isPatternTaken = prefix === undefined && filter['namePattern'] !== undefined;
  if (isPatternTaken) return [...names].map(([name, some]) => ({ filter: { ...filter, name }, known: some }));
  const common = commonStart([...names.keys()]);
  const groups = groupsOf(known, ({ name }) => common + signAt(name, common.length));
  return [...groups].map(([start, some]) => {
    const namePattern = start === common ? literal(start) : `${literal(start)}%`;
    return { filter: { ...filter, namePattern }, known: some, prefix: start };
  });
}

/** A pattern of SQL's LIKE for this text; what has a meaning there is any sign. */
function literal(text: string): string {
  return text.replace(/[%_\\]/g, '_');
}

/** Whole signs only: half of a surrogate pair is no text. */
function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let common = '';
  for (const sign of first) {
    if (!others.every((text) => text.startsWith(common + sign))) break;
    common += sign;
  }
  return common;
}

function signAt(text: string, index: number): string {
  const code = text.codePointAt(index);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function groupsOf<Key>(known: readonly Known[], keyOfOne: (one: Known) => Key): Map<Key, Known[]> {
  const groups = new Map<Key, Known[]>();
  for (const one of known) {
    const key = keyOfOne(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
