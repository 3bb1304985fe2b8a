import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Writes the module with the topics of help, by name, from the Markdown files of `src/cli/commands/help/topics`. The
 * first line of each is `# Title: summary`.
 */
export function generateTopics(root: string): void {
  const help = join(root, 'src/cli/commands/help');
  const files = readdirSync(join(help, 'topics')).filter((file) => file.endsWith('.md'));
  const topics = files
    .sort()
    .map((file) => [basename(file, '.md'), readFileSync(join(help, 'topics', file), 'utf8')] as const);
  mkdirSync(join(help, 'generated'), { recursive: true });
  const text = JSON.stringify(Object.fromEntries(topics), undefined, 2);
  writeFileSync(
    join(help, 'generated/topics.ts'),
    `/** The topics of help by name, in Markdown; made by the build from the files beside. */\nexport const topicTexts: Readonly<Record<string, string>> = ${text};\n`,
  );
}
