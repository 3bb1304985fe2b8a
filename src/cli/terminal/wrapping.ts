import { Help } from 'commander';

/** A command to copy: up to a word that ends a clause, quoted values whole. */
const commands = /\b(?:devicehive|kubectl|ulimit|npm|docker|export)(?:(?<![.,;:)…]) (?:"[^"]*"|'[^']*'|[^\s"'])+)+/g;

/** Stands for a blank of a command, at which no line may end. */
const tie = '\ue000';

/** How far a line that goes on is indented under its begin. */
const usualHang = 2;

const help = new Help();
help.minWidthToWrap = 8;

/** Text for stderr: on a terminal its lines end between words, and go on indented. */
export function errText(text: string, io: { readonly stderrIsTerminal: boolean }): string {
  return io.stderrIsTerminal ? wrapped(text, process.stderr.columns || 80) : text;
}

/**
 * Text in lines of at most so many columns. They end between words and go on indented, by `hang` columns more than they
 * begin; a command to copy is never broken.
 */
export function wrapped(text: string, columns: number, hang = usualHang): string {
  return text
    .split('\n')
    .map((line) => (line.length <= columns ? line : wrappedLine(line, columns, hang)))
    .join('\n');
}

function wrappedLine(line: string, columns: number, hang: number): string {
  const begin = line.length - line.trimStart().length;
  const tied = line.trimStart().replace(commands, (command) => command.replaceAll(' ', tie));
  const indent = ' '.repeat(begin + hang);
  const lines = help.boxWrap(tied, columns - indent.length).replaceAll('\n', `\n${indent}`);
  return `${line.slice(0, begin)}${lines.replaceAll(tie, ' ')}`;
}

/** As many whole words of a line as so many columns hold, and `…` where any are left out. */
export function fittingWords(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const end = line.lastIndexOf(' ', columns - 2);
  return `${line.slice(0, Math.max(end, 0)).trim() !== '' ? line.slice(0, end + 1) : line.slice(0, Math.max(columns - 1, 0))}…`;
}
