import { Failure } from '../../../errors.ts';
import { closest } from '../../../protocol/notation/closest.ts';
import type { Frame } from '../../../protocol/frames.ts';
import {
  actionNames,
  documentNames,
  documentSchema,
  isAction,
  isDocument,
  schemaOf,
  type JsonSchema,
} from '../../../protocol/schema.ts';
import { wordsFor } from '../../flags/commandWords.ts';
import { actionSchema, fileSchema, type SchemaPart, type PublicSchema } from './publicSchema.ts';
import { terminalWidth } from '../../terminal/io.ts';
import { listing } from '../../printing/listing.ts';
import { withOutput, printResult, type PrintContext } from '../../printing/output.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/serverName.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** One line of `schema list`. */
interface SchemaRow {
  readonly name: string;
  readonly kind: 'action' | 'file';
  readonly title: string;
  readonly permission: string | null;
  readonly command: string | null;
  readonly event: boolean;
}

/** `devicehive schema list`: every schema by name. */
export async function schemaList(given: FlagContext<CommonValues>): Promise<void> {
  const context = await withOutput(given);
  const { io, output } = context;
  const rows = [...actionNames().map(actionRow), ...documentNames().map(fileRow)];
  if (output.format !== 'text' || output.query !== undefined) return printResult(rows as unknown as Frame, context);
  const texts = rows.map(({ name, title, permission }) => [name, title, permission ?? '']);
  io.out(listing(texts, terminalWidth(io)));
}

function actionRow(action: ReturnType<typeof actionNames>[number]): SchemaRow {
  const { title = '', 'x-permission': permission = null, $defs } = schemaOf(action);
  const words = wordsFor(action) ?? ['request', action];
  return {
    name: action,
    kind: 'action',
    title,
    permission,
    command: ['devicehive', ...words].join(' '),
    event: $defs?.['event'] !== undefined,
  };
}

function fileRow(name: ReturnType<typeof documentNames>[number]): SchemaRow {
  return { name, kind: 'file', title: documentSchema(name).title ?? '', permission: null, command: null, event: false };
}

/** `devicehive schema show NAME`: prints a self-contained schema in standard JSON Schema. */
export async function schemaShow(
  name: string,
  given: FlagContext<CommonValues & { readonly reply?: boolean; readonly event?: boolean }>,
): Promise<void> {
  const context = await withOutput(given);
  const { values } = context;
  if (values.reply === true && values.event === true)
    throw new Failure('usage', '--reply and --event are two schemas', { hint: 'Give one of them.' });
  const part = values.reply === true ? 'reply' : values.event === true ? 'event' : 'request';
  await printJson(schemaNamed(name, part), context);
}

function schemaNamed(name: string, part: SchemaPart): PublicSchema {
  if (isAction(name)) return actionSchema(name, part) ?? noEvent(name);
  if (!isDocument(name)) throw unknownName(name);
  if (part === 'request') return fileSchema(name);
  throw new Failure('usage', `'${name}' is a kind of file; it has no ${part}`, { hint: `Leave --${part} away.` });
}

function noEvent(name: string): never {
  const pushed = actionNames().filter((action) => schemaOf(action).$defs?.['event'] !== undefined);
  throw new Failure('usage', `nothing is pushed under the name ${name}`, {
    hint: `Pushes bear the names ${pushed.join(', ')}.`,
  });
}

function unknownName(name: string): Failure {
  const names = [...actionNames(), ...documentNames()];
  const suggestion = closest(name.replaceAll(' ', '/'), names);
  return new Failure('usage', `there is no schema '${cutText(name)}'`, {
    hint: suggestion === undefined ? 'All names: devicehive schema list' : `Did you mean ${suggestion}?`,
  });
}

/** `devicehive schema example NAME`: prints the examples of a schema; those of an action as whole requests. */
export async function schemaExample(
  name: string,
  given: FlagContext<CommonValues & { readonly all?: boolean }>,
): Promise<void> {
  const context = await withOutput(given);
  const { values } = context;
  const examples = examplesOf(name);
  for (const example of values.all === true ? examples : examples.slice(0, 1))
    await printJson(example, context, isAction(name));
}

function examplesOf(name: string): Frame[] {
  if (isAction(name)) return framesOf(schemaOf(name)).map((payload) => ({ action: name, ...payload }));
  if (!isDocument(name)) throw unknownName(name);
  const documents = framesOf(documentSchema(name));
  if (documents.length > 0) return documents;
  throw new Failure('usage', `there is no example of '${name}'`, {
    hint: `Its schema: devicehive schema show ${name}`,
  });
}

function framesOf({ examples = [] }: JsonSchema): Frame[] {
  return [...examples] as Frame[];
}

/** Prints JSON, on a terminal too: schemas and requests are meant to be copied. */
async function printJson(value: PublicSchema, context: PrintContext<CommonValues>, isLine = false): Promise<void> {
  const { io, output } = context;
  if (output.format !== 'text' || output.query !== undefined) return printResult(value, context);
  io.out(`${isLine ? JSON.stringify(value) : JSON.stringify(value, null, 2)}\n`);
}
