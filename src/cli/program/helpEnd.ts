import { Help, type Command } from 'commander';
import { isCommon } from '../flags/commonFlags.ts';
import { nouns } from '../flags/commandWords.ts';
import { own } from '../../protocol/own.ts';

/** Topics of commands, by noun and verb or by noun. */
const topicOf: Readonly<Record<string, string>> = {
  'command watch': 'watching',
  'notification watch': 'watching',
  'command insert': 'watching',
  'server start': 'test-server',
  'server verify': 'troubleshooting',
  auth: 'configuration',
  batch: 'batches',
  completion: 'terminal',
  commands: 'output',
  connect: 'terminal',
  context: 'configuration',
  doctor: 'troubleshooting',
  exec: 'ci',
  report: 'simulation',
  request: 'concepts',
  schema: 'output',
  simulate: 'simulation',
  trace: 'recordings',
};

/** Hides the shared flags from a command's help, so that its own and the examples fit a screen. */
export function withoutShared(command: Command): Command {
  return command.configureHelp({
    visibleOptions: (shown) => new Help().visibleOptions(shown).filter((option) => !isCommon(option)),
  });
}

/** The last lines of a command's help: names of its shared flags, and where these and its topic are explained. */
export function helpEnd(command: Command, noun: string, verb: string | undefined): string {
  const names = command.options.filter(isCommon).map(({ long, short }) => long ?? short ?? '');
  const topic = own(topicOf, `${noun} ${verb ?? ''}`) ?? own(topicOf, noun) ?? 'concepts';
  const lines = [
    ...(names.length === 0 ? [] : [`Common options (devicehive help common-options): ${someOf(names)}`]),
    `More: ${topicCall(topic)}`,
  ];
  return `\n${lines.join('\n')}`;
}

/** Returns the command that shows a topic; a topic named like a noun needs one more word. */
export function topicCall(topic: string): string {
  return `devicehive help ${Object.hasOwn(nouns, topic) ? 'topic ' : ''}${topic}`;
}

/** Returns as many names as fit a line of 80 columns after its heading, then `…` for the others. */
function someOf(names: readonly string[]): string {
  const room = 80 - 'Common options (devicehive help common-options): '.length;
  const all = names.join(' ');
  if (all.length <= room) return all;
  const end = all.lastIndexOf(' ', room - 2);
  return `${all.slice(0, end)} …`;
}
