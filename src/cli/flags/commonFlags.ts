import { Option } from 'commander';

/** A flag that many commands share. */
interface CommonFlag {
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  /** Given several times, it counts several times. */
  readonly isRepeatable?: boolean;
}

/** Groups of shared flags; a command takes the groups that mean something to it. */
export type FlagGroup =
  | 'seed'
  | 'place'
  | 'identity'
  | 'way'
  | 'connection'
  | 'target'
  | 'timeout'
  | 'sending'
  | 'request'
  | 'requestId'
  | 'output'
  | 'general';

/** The shared flags of a command that sends an action: all of them. */
export const everyGroup: readonly FlagGroup[] = ['target', 'seed', 'request', 'requestId', 'output', 'general'];

/** Help's heading over shared flags. */
const heading = 'Common options:';

const url: CommonFlag = {
  flags: '--url <url>',
  description: 'server, such as ws://host:8080; without a path, /dh/websocket and /api/websocket are tried',
};
const context: CommonFlag = { flags: '--context <name>', description: 'server of a context: devicehive context list' };

const identity: readonly CommonFlag[] = [
  {
    flags: '--token <token>',
    description: 'access token; - reads it from stdin (a token typed here shows in process lists)',
  },
  { flags: '--token-file <file>', description: 'file with the access token, or with JSON as server start writes it' },
];

const way: readonly CommonFlag[] = [
  { flags: '--ca <file>', description: 'certificate authority for wss, PEM' },
  { flags: '--cert <file>', description: 'client certificate for wss, PEM' },
  { flags: '--key <file>', description: 'private key of --cert, PEM, unless that file holds it too' },
  { flags: '--tls-insecure', description: 'accept any certificate of a wss server' },
  {
    flags: '--header <header>',
    description: "header for the handshake, 'Name: value', or 'Name: @FILE' for a secret; repeatable",
    isRepeatable: true,
  },
];

const connection: readonly CommonFlag[] = [
  ...way,
  { flags: '--connect-timeout <duration>', description: 'time to connect (default: 5s)' },
  {
    flags: '--retry <count>',
    description: 'repeat connecting, and requests that may be repeated without harm (default: 0)',
  },
];

const timeout: CommonFlag = { flags: '--timeout <duration>', description: 'time for each request (default: 10s)' };

const allowLarge: CommonFlag = {
  flags: '--allow-large',
  description: 'send payloads over 900 KiB, which can stop a DeviceHive server',
};
const dryRun: CommonFlag = {
  flags: '-n, --dry-run',
  description: 'validate, print the frame that would be sent, send nothing',
};

const groups: Readonly<Record<FlagGroup, readonly CommonFlag[]>> = {
  place: [url, context],
  seed: [
    {
      flags: '--seed <file>',
      description: 'start the embedded server with what this YAML or JSON file holds, without d1',
    },
  ],
  identity,
  way,
  connection,
  target: [
    url,
    context,
    { flags: '--embedded', description: 'use a server inside this process, with device d1 and its command 42' },
    { flags: '--answer-all', description: 'let the embedded server answer where DeviceHive stays silent' },
    {
      flags: '--strict',
      description: 'let the embedded server refuse what would stop a real DeviceHive; end with 9 if there was any',
    },
    {
      flags: '--latency <duration>',
      description:
        'let pushes and asynchronous replies of the embedded server take so long, as a real message bus does',
    },
    { flags: '--no-demo', description: 'leave device d1 and its command 42 out of the embedded server' },
    {
      flags: '--allow-host <name>',
      description: 'let the embedded server be reached by this name too; repeatable',
      isRepeatable: true,
    },
    {
      flags: '--allow-origin <origin>',
      description: 'let pages of this origin use the embedded server, * of any; repeatable',
      isRepeatable: true,
    },
    ...identity,
    ...connection,
  ],
  timeout: [timeout],
  sending: [timeout, allowLarge, dryRun],
  request: [
    timeout,
    { flags: '--no-probe', description: 'do not ask the server why it stays silent' },
    allowLarge,
    dryRun,
  ],
  requestId: [
    {
      flags: '--request-id <id>',
      description: 'id that the reply repeats: a number or an object as JSON, or any text (default: counted)',
    },
  ],
  output: [
    {
      flags: '-o, --output <format>',
      description: 'format of the result',
      choices: ['text', 'json', 'ndjson', 'yaml', 'csv'],
    },
    { flags: '--json', description: 'one compact JSON object a line, errors too' },
    { flags: '--query <jmespath>', description: 'print only this part of the reply' },
    { flags: '--query-required', description: 'end with 9 where --query gives nothing: null, or an empty list' },
    {
      flags: '--envelope',
      description: 'print request, reply, outcome, timing and server as one object; pushes with their time of arrival',
    },
  ],
  general: [
    { flags: '-v, --verbose', description: 'show every frame on stderr, secrets redacted' },
    { flags: '--trace-file <file>', description: 'record every frame in a file, secrets redacted' },
    { flags: '--env-file <file>', description: 'take environment variables from this file, except those already set' },
    { flags: '-q, --quiet', description: 'no notes on stderr' },
    { flags: '--no-input', description: 'never ask for missing values' },
    { flags: '--color <when>', description: 'colours', choices: ['auto', 'always', 'never'] },
    { flags: '--no-color', description: 'same as --color never' },
  ],
};

/** Whether a word is a shared flag that takes a value, so that the words of a command line can be told from values. */
function takesValue(word: string): boolean {
  return Object.values(groups).some((flags) =>
    flags.some(({ flags: text }) => text.includes('<') && namesIn(text).includes(word)),
  );
}

function namesIn(text: string): string[] {
  return text.split(/[ ,]+/).filter((part) => part.startsWith('-'));
}

/** The shared flags of these groups, as commander options. */
export function commonOptions(wanted: readonly FlagGroup[]): Option[] {
  return wanted.flatMap((group) => groups[group].map(toOption));
}

/** Whether this option of a command is a shared one. */
export function isCommon(option: Option): boolean {
  return option.helpGroupHeading === heading;
}

/** The long names of all shared flags, without dashes: an action's own flags must not bear them. */
export function commonFlagNames(): string[] {
  return Object.values(groups).flatMap((flags) =>
    flags.flatMap(({ flags: text }) => namesIn(text).map((name) => name.replace(/^-+(no-)?/, ''))),
  );
}

/** An option that may be given several times; its value is the list of what was given. */
export function repeatable(flags: string, description: string): Option {
  const collect = (text: string, before: string[] | undefined) => [...(before ?? []), text];
  return new Option(flags, description).argParser(collect);
}

function toOption(flag: CommonFlag): Option {
  const { flags, description } = flag;
  const option = flag.isRepeatable === true ? repeatable(flags, description) : new Option(flags, description);
  if (flag.choices !== undefined) option.choices(flag.choices);
  return option.helpGroup(heading);
}

/** The first words of a command line that are neither flags nor values of shared flags: noun and verb. */
export function wordsOf(argv: readonly string[], count = 2): string[] {
  const words: string[] = [];
  for (let index = 0; index < argv.length && words.length < count; index++) {
    const part = argv[index] ?? '';
    if (part === '--') break;
    if (!part.startsWith('-')) words.push(part);
    else if (takesValue(part)) index++;
  }
  return words;
}
