import { commandMap, type MappedCommand, type FlagEntry } from '../cli/commands/commands/commandMap.ts';
import { commandTree } from '../cli/program/program.ts';
import { QuietIo } from '../cli/terminal/quietIo.ts';
import { actionNames, isAction, isFreeForm, schemaOf, type ActionName, type JsonSchema } from '../protocol/schema.ts';

/**
 * Returns the text of REFERENCE.md: every command and action, described by the commands themselves and by `schemas/`.
 */
export async function reference(): Promise<string> {
  const map = commandMap(commandTree(new QuietIo({ env: {}, cwd: '.' }, AbortSignal.abort())));
  const nouns = [...new Set(map.commands.map(({ words: [noun = ''] }) => noun))];
  const called = new Set(map.commands.map(({ action }) => action));
  const exits = map.exitCodes.map(({ code, name, when }) => `| ${code} | ${name} | ${when} |`);
  const variables = map.environment.map(({ name, meaning }) => `- \`${name}\`: ${meaning}.`);
  const parts = [
    '# Reference',
    'Made from the commands themselves and from `schemas/` by `npm run generate`. `devicehive commands --json` tells programs the same.',
    `${links(nouns)}. [Actions without a command](#actions-without-a-command). [Common flags](#common-flags), [exit codes](#exit-codes), [environment variables](#environment-variables).`,
    ...nouns.flatMap((noun) => [
      `## ${noun}`,
      ...map.commands
        .filter(({ words }) => words[0] === noun)
        .map((command) => commandPart(command, map.commonFlags.length)),
    ]),
    '## Actions without a command',
    '`devicehive request` sends them.',
    ...actionNames()
      .filter((action) => !called.has(action))
      .map(actionPart),
    '## Common flags',
    map.commonFlags.map(flagLine).join('\n'),
    '## Exit codes',
    ['| code | name | when |', '| --- | --- | --- |', ...exits].join('\n'),
    '## Environment variables',
    variables.join('\n'),
  ];
  return formatted(parts.join('\n\n'));
}

/** Formats the text as `npm run format` does. */
async function formatted(markdown: string): Promise<string> {
  const { format, resolveConfig } = await import('prettier');
  return format(markdown, { ...(await resolveConfig(import.meta.url)), parser: 'markdown' });
}

function links(nouns: readonly string[]): string {
  return nouns.map((noun) => `[${noun}](#${noun})`).join(', ');
}

function commandPart(command: MappedCommand, allFlags: number): string {
  const { words, description, permission, action, flags, commonFlags, exitCodes } = command;
  const operands = command.arguments.map(
    ({ name, required, variadic, description }) =>
      `- \`${required ? `<${name}>` : `[${name}]`}${variadic ? '…' : ''}\`: ${sentence(description)}`,
  );
  return [
    `### devicehive ${words.join(' ')}`,
    description,
    ...(action === null
      ? []
      : [`Action \`${action}\`, permission ${permission === null ? 'none' : `\`${permission}\``}.`]),
    [...operands, ...flags.map(flagLine)].join('\n'),
    ['```sh', ...command.examples, '```'].join('\n'),
    ...(action !== null && isAction(action) ? replyParts(action) : []),
    `Exit codes: ${exitCodes.join(', ')}.${commonFlagsText(commonFlags, allFlags)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function commonFlagsText(names: readonly string[], all: number): string {
  if (names.length === 0) return '';
  return names.length === all ? ' It takes all common flags.' : ` Common flags: ${code(names)}.`;
}

function flagLine({ name, short, value, valueOptional, description, ...flag }: FlagEntry): string {
  const spelled = value === null ? name : valueOptional ? `${name} [${value}]` : `${name} <${value}>`;
  const remarks = [
    flag.required ? 'required' : '',
    flag.repeatable ? 'repeatable' : '',
    flag.secret ? 'secret' : '',
    flag.enum === null ? '' : `one of ${flag.enum.join(', ')}`,
    flag.default === null ? '' : `by default ${JSON.stringify(flag.default)}`,
    flag.path === null ? '' : `field \`${flag.path.join('.')}\``,
  ].filter((remark) => remark !== '');
  const names = short === null ? `\`${spelled}\`` : `\`${short}\`, \`${spelled}\``;
  return `- ${names}: ${sentence(description)}${remarks.length === 0 ? '' : ` (${remarks.join('; ')})`}`;
}

function actionPart(action: ActionName): string {
  const { title = '', description = '', 'x-permission': permission, examples = [] } = schemaOf(action);
  const lines = examples.map((example) => `devicehive request ${action} --data '${JSON.stringify(example)}'`);
  return [
    `### ${action}`,
    `${title}. ${description}`,
    `Permission ${permission === undefined ? 'none' : `\`${permission}\``}.`,
    fieldLines(schemaOf(action)).join('\n'),
    ['```sh', ...lines, '```'].join('\n'),
    ...replyParts(action),
  ].join('\n\n');
}

function replyParts(action: ActionName): string[] {
  const { reply, event } = schemaOf(action).$defs ?? {};
  const replied = reply === undefined ? [] : fieldLines(reply);
  return [
    replied.length === 0 ? 'The reply has no fields of its own.' : `Reply:\n\n${replied.join('\n')}`,
    ...(event === undefined ? [] : [`Push:\n\n${fieldLines(event).join('\n')}`]),
  ];
}

/** Returns a line for each field, followed by indented lines for nested ones. */
function fieldLines(schema: JsonSchema, indent = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const { description = '', const: value } = field;
    const told = typeof value === 'string' ? `\`${value}\`` : sentence(description);
    const inner = field.items ?? field;
    const nested = isFreeForm(inner) ? [] : fieldLines(inner, `${indent}  `);
    return [`${indent}- \`${name}\` (${typeOf(field)}): ${told}`, ...nested];
  });
}

function typeOf({ type, items, enum: choices }: JsonSchema): string {
  if (choices !== undefined) return choices.map(String).join(', ');
  const types = [type ?? 'any'].flat().join(' or ');
  return items === undefined ? types : `${types} of ${typeOf(items)}`;
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

function sentence(text: string): string {
  const capital = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return capital === '' || /[.!?)]$/.test(capital) ? capital : `${capital}.`;
}
