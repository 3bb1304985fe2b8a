import { closest } from '../../../protocol/notation/closest.ts';
import type { JsonFields } from '../model.ts';
import { anything, nonEmptyText } from './argumentTypes.ts';
import type { Argument, Generator } from './generator.ts';
import { own } from '../../../protocol/own.ts';

const instead: Argument = {
  name: 'default',
  type: anything,
  description: 'The value where there is none; the field is left out unless given.',
};

/** The generator of a part of the device's state. */
export const state: Generator = {
  name: 'state',
  summary: "A value of the device's state; dots lead into objects.",
  arguments: [{ name: 'name', type: nonEmptyText, isRequired: true, description: 'Its name.' }, instead],
  positions: 1,
  example: 'state(mode)',
  planExample: 'mode',
  compile(given, scope) {
    const name = given['name'] as string;
    if (!scope.hasState) return scope.problem('shows the state of a device, but an operator has none');
    const [first = ''] = scope.stateNames?.has(name) === true ? [name] : name.split('.');
    const fallback = given['default'] as { readonly value: unknown } | undefined;
    if (fallback === undefined && scope.stateNames?.has(first) === false) {
      const likely = closest(first, [...scope.stateNames]);
      const advice =
        likely === undefined
          ? `; add it to state, or write {"constant": {"state": ${JSON.stringify(name)}}} for the object itself`
          : ` (did you mean ${likely}?)`;
      return scope.problem(`names ${first}, which is not in the state of the device${advice}`);
    }
    return (moment) => partOf(moment.state, name) ?? fallback?.value;
  },
};

/** The generator of a parameter of the command being answered. */
export const parameter: Generator = {
  name: 'parameter',
  summary: 'A parameter of the command that is answered; dots lead into objects.',
  arguments: [{ name: 'name', type: nonEmptyText, isRequired: true, description: 'Its name.' }, instead],
  positions: 1,
  example: 'parameter(mode)',
  planExample: 'mode',
  compile(given, scope) {
    if (!scope.hasCommand) return scope.problem('shows a parameter of a command, but none is answered here');
    const name = given['name'] as string;
    const fallback = given['default'] as { readonly value: unknown } | undefined;
    return ({ parameters }) => (parameters === null ? undefined : partOf(parameters, name)) ?? fallback?.value;
  },
};

/** Returns the field of this name, or the one that its dots lead to; undefined if there is none. */
function partOf(object: JsonFields, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  let part: unknown = object;
  for (const step of name.split('.')) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, step)) return undefined;
    part = own(part as JsonFields, step);
  }
  return part;
}
