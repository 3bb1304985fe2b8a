import { Chalk, type ChalkInstance } from 'chalk';
import type { MarkedToken, Token, Tokens } from 'marked';
import { colorLevel } from '../../printing/color.ts';
import { listing } from '../../printing/listing.ts';
import { wrapped } from '../../terminal/wrapping.ts';
import type { Io } from '../../terminal/io.ts';

/** How a topic is drawn; `width` in columns. */
interface HelpPage {
  readonly width: number;
  readonly chalk: ChalkInstance;
}

/** Lines longer than this are hard to read, however wide the terminal is. */
const mostColumns = 100;

/** Returns Markdown as text for a terminal so many columns wide: wrapped at words, lists hanging, code untouched. */
export async function rendered(markdown: string, columns: number, io: Io): Promise<string> {
  const { lexer } = await import('marked');
  const page = {
    width: Math.min(columns, mostColumns),
    chalk: new Chalk({ level: colorLevel({ io, values: {} }, true) }),
  };
  const blocks = lexer(markdown).flatMap((token) => blockOf(token as MarkedToken, page));
  return `${blocks.join('\n\n')}\n`;
}

function blockOf(token: MarkedToken, page: HelpPage): readonly string[] {
  if (token.type === 'heading') return [page.chalk.bold(wrapped(inline(token.tokens, page), page.width))];
  if (token.type === 'code') return [indented(token.text, '    ')];
  if (token.type === 'table') return [tableText(token, page)];
  if (token.type === 'paragraph') return [wrapped(inline(token.tokens, page).replaceAll('\n', ' '), page.width, 0)];
  if (token.type !== 'list') return [];
  const markOf = (index: number) => (token.ordered ? `${index + 1}. ` : '- ');
  return [token.items.map((item, index) => itemText(item, markOf(index), page)).join('\n')];
}

function itemText(item: Tokens.ListItem, mark: string, page: HelpPage): string {
  const parts = item.tokens.flatMap((token) => ('tokens' in token ? (token.tokens ?? []) : []));
  return wrapped(`${mark}${inline(parts, page).replaceAll('\n', ' ')}`, page.width, mark.length);
}

/**
 * Draws a table in columns if all but the last are narrow; otherwise each row's first cell, with the others below it.
 */
function tableText(table: Tokens.Table, page: HelpPage): string {
  const rows = table.rows.map((row) => row.map(({ tokens }) => inline(tokens, { ...page, chalk: plain })));
  const head = table.header.map(({ text }) => text);
  const whole = listing([head, ...rows]).trimEnd();
  if (whole.split('\n').every((line) => line.length <= page.width)) return indented(whole, '');
  const short = listing(rows.map((row) => row.slice(0, -1)))
    .trimEnd()
    .split('\n');
  if (short.every((line) => line.length <= page.width / 3))
    return listing(
      rows.map((row, index) => [short[index] ?? '', row.at(-1) ?? '']),
      page.width,
    ).trimEnd();
  const narrow = page.width - 4;
  return rows
    .map(([first = '', ...rest]) =>
      [
        wrapped(page.chalk.cyan(first), page.width),
        ...rest.map((text) => indented(wrapped(text, narrow, 0), '    ')),
      ].join('\n'),
    )
    .join('\n');
}

const plain = new Chalk({ level: 0 });

/** Returns the text of a paragraph: marks become colours, links lose their targets. */
function inline(tokens: readonly Token[], page: HelpPage): string {
  return tokens.map((token) => inlineOf(token as MarkedToken, page)).join('');
}

function inlineOf(token: MarkedToken, page: HelpPage): string {
  if (token.type === 'codespan') return page.chalk.cyan(token.text);
  const inner: readonly Token[] | undefined = 'tokens' in token ? token.tokens : undefined;
  const text = inner === undefined ? plainOf(token) : inline(inner, page);
  return token.type === 'strong' ? page.chalk.bold(text) : text;
}

function plainOf(token: MarkedToken): string {
  return 'text' in token ? token.text : token.raw;
}

function indented(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => `${indent}${line}`.trimEnd())
    .join('\n');
}
