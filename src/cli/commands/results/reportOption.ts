import type { Command } from 'commander';

/** Declares `--report`, which may be given several times. */
export function reportOption(command: Command): Command {
  return command.option(
    '--report <file>',
    'also write it to FILE.json (all of it), FILE.html (a page) or FILE.xml (JUnit); repeatable',
    (file: string, files: readonly string[] | undefined) => [...(files ?? []), file],
  );
}
