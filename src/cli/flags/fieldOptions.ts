import { Option } from 'commander';
import { schemaOf, type ActionName } from '../../protocol/schema.ts';
import { flagsOf, labelled, type Flag } from './flags.ts';

/** The option of an action's field; whoever reads commands rather than runs them finds the field in it. */
export class FieldOption extends Option {
  readonly field: Flag;

  constructor(flags: string, description: string, field: Flag) {
    super(flags, description);
    this.field = field;
  }
}

/** One option, or two, for each field of an action. */
export function fieldOptions(action: ActionName): FieldOption[] {
  return commandFlags(action).flatMap(toOptions);
}

const known = new Map<ActionName, readonly Flag[]>();

/** The flags of an action's own fields; `authenticate` takes its token from the common `--token`. Made once. */
export function commandFlags(action: ActionName): readonly Flag[] {
  let flags = known.get(action);
  if (flags === undefined) {
    flags = flagsOf(schemaOf(action)).filter((flag) => !(action === 'authenticate' && flag.name === 'token'));
    known.set(action, flags);
  }
  return flags;
}

function toOptions(flag: Flag): FieldOption[] {
  const description = describe(flag);
  const base = `--${flag.name}`;
  if (flag.kind === 'boolean') {
    return [
      new FieldOption(`${base} [boolean]`, description, flag),
      new FieldOption(`--no-${flag.name}`, `same as ${base} false`, flag).hideHelp(),
    ];
  }
  const option = new FieldOption(`${base} <${flag.kind}>`, description, flag);
  if (flag.repeatable) option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  if (!flag.secret) return [option];
  return [
    option,
    new FieldOption(`${base}-file <file>`, `file with the ${flag.name.replaceAll('-', ' ')}; - is stdin`, flag),
  ];
}

function describe(flag: Flag): string {
  const { description = '', enum: choices, default: fallback } = flag.schema;
  const remarks = [
    flag.required ? 'required' : '',
    flag.repeatable ? 'repeatable' : '',
    flag.kind === 'json' ? 'JSON, @file or -' : '',
    choices === undefined ? '' : `one of ${labelled(flag.schema) ?? choices.map(String).join(', ')}`,
    fallback === undefined ? '' : `server's default: ${JSON.stringify(fallback)}`,
  ].filter((remark) => remark !== '');
  const text = description.replace(/\.$/, '');
  return remarks.length === 0 ? text : `${text} (${remarks.join('; ')})`;
}
