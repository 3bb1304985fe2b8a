import { Option } from 'commander';
import { schemaOf, type ActionName } from '../protocol/schema.ts';
import { flagsOf, type Flag } from './flags.ts';

/** One option, or two, for each field of an action. */
export function fieldOptions(action: ActionName): Option[] {
  return commandFlags(action).flatMap(toOptions);
}

/** The flags of an action's own fields; `authenticate` takes its token from the common `--token`. */
export function commandFlags(action: ActionName): Flag[] {
  return flagsOf(schemaOf(action)).filter((flag) => !(action === 'authenticate' && flag.name === 'token'));
}

function toOptions(flag: Flag): Option[] {
  const description = describe(flag);
  const base = `--${flag.name}`;
  if (flag.kind === 'boolean') {
    return [
      new Option(`${base} [boolean]`, description),
      new Option(`--no-${flag.name}`, `same as ${base} false`).hideHelp(),
    ];
  }
  const option = new Option(`${base} <${flag.kind}>`, description);
  if (flag.repeatable) option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return flag.secret ? [option, new Option(`${base}-file <file>`, `file with the ${flag.name}; - is stdin`)] : [option];
}

function describe(flag: Flag): string {
  const { description = '', enum: choices, default: fallback } = flag.schema;
  const remarks = [
    flag.required ? 'required' : '',
    flag.repeatable ? 'repeatable' : '',
    flag.kind === 'json' ? 'JSON, @file or -' : '',
    choices === undefined ? '' : `one of ${choices.map(String).join(', ')}`,
    fallback === undefined ? '' : `server's default: ${JSON.stringify(fallback)}`,
  ].filter((remark) => remark !== '');
  const text = description.replace(/\.$/, '');
  return remarks.length === 0 ? text : `${text} (${remarks.join('; ')})`;
}
