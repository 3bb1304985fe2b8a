import type { SchemaFile } from './schemas.ts';

/** What the schemas of actions say for servers, besides permissions; the schemas in `dist/` go without it. */
export const serverWords = ['x-target', 'x-async', 'x-section'];

const permissions = /^[A-Z][A-Za-z]+( or [A-Z][A-Za-z]+)*$/;
const targets: readonly unknown[] = ['device', 'network', 'deviceType', undefined];
const modes: readonly unknown[] = [true, 'sometimes', undefined];

/** The text of `traits.ts`: what each schema says for servers. Throws if one of them makes no sense. */
export function traitsModule(header: string, actions: ReadonlyMap<string, SchemaFile>): string {
  const all = [...actions].map(([name, schema]) => [name, traits(name, schema)] as const);
  const names = [...new Set(all.flatMap(([, { needs }]) => needs))].sort();
  const cases = all.map(([name, own]) => `    case '${name}':\n      return ${JSON.stringify(own)};\n`);
  return `${header}import type { ActionName } from './actions.ts';

/** A permission that an action needs. */
export type NeededPermission = ${names.map((name) => `'${name}'`).join(' | ')};

/** What a server does with an action besides the action's own work, as its schema says. */
export interface ActionTraits {
  /** Permissions of which one is needed; none: anybody may. */
  readonly needs: readonly NeededPermission[];
  /** What the permission is checked against, where the request names one. */
  readonly target?: 'device' | 'network' | 'deviceType';
  /** Whether the reply comes over the message bus (PROTOCOL.md 1.4). */
  readonly isAsync: boolean | 'sometimes';
  /** The section of PROTOCOL.md that describes it. */
  readonly section?: string;
}

/** The traits of one action. */
export function traitsOf(name: ActionName): ActionTraits {
  switch (name) {
${cases.join('')}  }
}
`;
}

/** The text of `asyncActions.ts`: clients need no more of the traits than this. Throws as `traitsModule` does. */
export function asyncModule(header: string, actions: ReadonlyMap<string, SchemaFile>): string {
  const names = [...actions].filter(([name, schema]) => traits(name, schema).isAsync === true).map(([name]) => name);
  return `${header}/** The actions whose replies always come over the message bus (PROTOCOL.md 1.4). */
export const asyncActions: ReadonlySet<string> = new Set(${JSON.stringify(names)});
`;
}

function traits(name: string, schema: SchemaFile) {
  const { 'x-permission': permission = '', 'x-target': target, 'x-async': mode, 'x-section': section } = schema;
  const refuse = (word: string, value: unknown) =>
    new Error(`schemas/${name}.json: ${word} is ${JSON.stringify(value)}`);
  if (permission !== '' && !permissions.test(String(permission))) throw refuse('x-permission', permission);
  if (!targets.includes(target) || (target !== undefined && permission === '')) throw refuse('x-target', target);
  if (!modes.includes(mode)) throw refuse('x-async', mode);
  const needs = permission === '' ? [] : String(permission).split(' or ');
  return { needs, target, isAsync: mode ?? false, section };
}
