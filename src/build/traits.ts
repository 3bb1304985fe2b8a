import type { SchemaFile } from './schemas.ts';

/** Schema keywords for servers, besides permissions; the schemas in `dist/` omit them. */
export const serverWords = ['x-target', 'x-async', 'x-section'];

const permissions = /^[A-Z][A-Za-z]+( or [A-Z][A-Za-z]+)*$/;
const targets: readonly unknown[] = ['device', 'network', 'deviceType', undefined];
const modes: readonly unknown[] = [true, 'sometimes', undefined];

/**
 * Returns the text of `traits.ts`: what each action's schema says for servers. Throws if a keyword has an invalid
 * value.
 */
export function traitsModule(header: string, actions: ReadonlyMap<string, SchemaFile>): string {
  const all = [...actions].map(([name, schema]) => [name, traits(name, schema)] as const);
  const names = [...new Set(all.flatMap(([, { needs }]) => needs))].sort();
  const cases = all.map(([name, own]) => `    case '${name}':\n      return ${JSON.stringify(own)};\n`);
  return `${header}import type { ActionName } from './actions.ts';

/** A permission that an action needs. */
export type NeededPermission = ${names.map((name) => `'${name}'`).join(' | ')};

/** How a server treats an action, as its schema says. */
export interface ActionTraits {
  /** Permissions of which the caller needs one; empty: anybody may use the action. */
  readonly needs: readonly NeededPermission[];
  /** The entity that the permission is checked against, if the request names one. */
  readonly target?: 'device' | 'network' | 'deviceType';
  /** True if the reply comes over the message bus (PROTOCOL.md 1.4). */
  readonly isAsync: boolean | 'sometimes';
  /** The section of PROTOCOL.md that describes the action. */
  readonly section?: string;
}

/** Returns the traits of an action. */
export function traitsOf(name: ActionName): ActionTraits {
  switch (name) {
${cases.join('')}  }
}
`;
}

/** Returns the text of `asyncActions.ts`, the only trait that clients need. Throws as `traitsModule` does. */
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
