import { Failure } from '../../../errors.ts';
import { closest } from '../../../protocol/notation/closest.ts';
import { own } from '../../../protocol/own.ts';
import { nouns } from '../../flags/commandWords.ts';
import { listing } from '../../printing/listing.ts';
import { terminalWidth, type Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { CommandTree } from '../toolCommand.ts';
import { topicTexts } from './generated/topics.ts';

/** A topic of help. */
export interface HelpTopic {
  readonly name: string;
  /** Its content in a few words, for lists. */
  readonly summary: string;
  /** Markdown. */
  readonly text: string;
}

/** All topics, by name. */
export const topics: readonly HelpTopic[] = Object.entries(topicTexts).map(([name, text]) => {
  const [, title = '', rest] = /^# ([^:\n]*)(?:: (.*))?\n/.exec(text) ?? [];
  return { name, summary: rest ?? title.toLowerCase(), text };
});

/** The list of topics that follows the help of the program. */
export function topicList(io: Io): string {
  const rows = topics.map(({ name, summary }) => [`  ${Object.hasOwn(nouns, name) ? 'topic ' : ''}${name}`, summary]);
  return `Topics: devicehive help TOPIC\n${listing(rows, terminalWidth(io))}`;
}

/** Prints a topic: on a terminal in its width, otherwise as Markdown. Throws a usage `Failure` where there is none. */
export async function showTopic(name: string, program: CommandTree, io: Io): Promise<void> {
  const text = own(topicTexts, name);
  if (text === undefined) throw unknownTopic(name, program);
  if (!io.stdoutIsTerminal) return io.out(text);
  const { rendered } = await import('./rendering.ts');
  io.out(await rendered(text, terminalWidth(io) ?? 80, io));
}

function unknownTopic(name: string, program: CommandTree): Failure {
  const words = new Set(program.allWords().map(([noun]) => noun));
  const near = closest(name, [...topics.map((topic) => topic.name), ...words]);
  const meant = near === undefined ? '' : ` (Did you mean ${near}?)`;
  return new Failure('usage', `unknown command or topic '${cutText(name)}'${meant}`, { hint: 'Help: devicehive help' });
}
