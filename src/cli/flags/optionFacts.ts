import type { Option } from 'commander';
import { FieldOption } from './fieldOptions.ts';

/** Returns the name of a flag's value: `file` in `--ca <file>`; null if it takes none. */
export function valueName({ flags }: Option): string | null {
  return /[<[](.+?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1] ?? null;
}

/** All values that a flag may have, where they are limited. */
export function choicesOf(option: Option): (string | number)[] | undefined {
  if (option.argChoices !== undefined) return option.argChoices;
  if (!(option instanceof FieldOption)) return undefined;
  const { schema, repeatable } = option.field;
  const choices = (repeatable ? schema.items : schema)?.enum;
  return choices?.filter((choice) => choice !== null);
}
