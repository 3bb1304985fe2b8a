import { writeJson } from '../../reading/json.ts';
import { JsonText } from '../../reading/jsonValues.ts';
import { closest } from '../../../protocol/notation/closest.ts';
import type { Group, GroupStore } from '../../store/groups.ts';
import { maxDepth } from '../../../protocol/depth.ts';
import type { Soil } from './problems.ts';

/**
 * Returns a free-form object as JSON text, or null where it is undefined. Reports what JSON cannot express as a
 * problem.
 */
export function jsonOf(
  value: object | undefined,
  { problems }: Soil,
  ...path: readonly (string | number)[]
): JsonText | null {
  if (value === undefined) return null;
  const trouble = troubleOf(value, 1);
  if (trouble === undefined) return new JsonText(writeJson(value));
  problems.tell(trouble, ...path);
  return null;
}

/** Returns why a value is not JSON, since not all YAML is; undefined where it is. */
function troubleOf(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return `must be JSON, which has no ${value}`;
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > maxDepth) return `must not be deeper than ${maxDepth} levels`;
  for (const child of Object.values(value)) {
    const trouble = troubleOf(child, depth + 1);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}

/**
 * Returns the network or device type that a seed refers to by name or id, or the one with the lowest id where it names
 * none. Where there is no such group, reports a problem and returns undefined.
 */
export function groupOf(
  { hive, problems }: Soil,
  kind: 'networks' | 'deviceTypes',
  named: string | number | undefined,
  ...path: readonly (string | number)[]
): Group | undefined {
  const groups = hive[kind];
  const found = named === undefined ? lowest(groups.all()) : groupNamed(groups, named);
  if (found !== undefined) return found;
  if (named === undefined) problems.tell(`is required: there is no ${nouns[kind]} yet`, ...path);
  else problems.tell(unknown(groups.all(), kind, named), ...path);
  return undefined;
}

function groupNamed(groups: GroupStore, named: string | number): Group | undefined {
  return typeof named === 'string' ? groups.byName(named) : groups.find(named);
}

const nouns = { networks: 'network', deviceTypes: 'device type' } as const;

function unknown(groups: readonly Group[], kind: 'networks' | 'deviceTypes', named: string | number): string {
  const names = groups.map(({ name }) => name);
  const likely = typeof named === 'string' ? closest(named, names) : undefined;
  const suggestion = likely === undefined ? '' : ` (did you mean ${likely}?)`;
  return `must be an existing ${nouns[kind]}, not ${JSON.stringify(named)}${suggestion}`;
}

function lowest(groups: readonly Group[]): Group | undefined {
  return groups.reduce<Group | undefined>(
    (low, group) => (low === undefined || group.id < low.id ? group : low),
    undefined,
  );
}
