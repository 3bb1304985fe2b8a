import type { Stage } from './faults.ts';

/** A command of the matrix. */
export interface FaultyCommand {
  readonly name: string;
  readonly args: readonly string[];
  /** The frame of the server in whose place faults after the login come; the first is the reply to `authenticate`. */
  readonly frame: number;
  /** Exit codes where they are not the usual ones of a stage. */
  readonly codes?: Partial<Record<Stage, number>>;
}

/** A command that is met by a fault ends with these, as the README says. */
const usualCodes: Readonly<Record<Stage, number>> = {
  'no connection': 5,
  'login lost': 5,
  'login silent': 7,
  'reply lost': 5,
  'reply silent': 7,
  well: 0,
};

/** The exit code with which a command must end. */
export function exitCodeFor({ codes }: FaultyCommand, stage: Stage): number {
  return codes?.[stage] ?? usualCodes[stage];
}

/** What the files are called that the commands of the matrix read. */
export const files = { token: 'token.txt', lines: 'lines.ndjson', trace: 'trace.ndjson' } as const;

const shared = ['--token-file', files.token, '--timeout', '3s', '--connect-timeout', '3s', '--no-input'];
const insert = ['command', 'insert', '--device', 'd1', '--command', 'reboot', ...shared];
const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done', ...shared];

/** The command of which the trace is recorded that the matrix replays. */
export const recorded = update;

/** One for each way in which a command uses its connection. */
export const commands: readonly FaultyCommand[] = [
  { name: 'command insert', args: insert, frame: 2 },
  { name: 'command insert --wait', args: [...insert, '--wait'], frame: 2, codes: { well: 8 } },
  { name: 'command update', args: update, frame: 2 },
  { name: 'device list --all', args: ['device', 'list', '--all', ...shared], frame: 2 },
  {
    name: 'command watch --count',
    args: ['command', 'watch', '--device', 'd1', '--since', '60m', '--count', '1', '--for', '30s', ...shared],
    frame: 2,
  },
  {
    name: 'notification watch --reconnect',
    args: ['notification', 'watch', '--device', 'd1', '--since', '60m', '--count', '1', '--reconnect', '1s', ...shared],
    frame: 3,
  },
  { name: 'batch', args: ['batch', files.lines, ...shared], frame: 2, codes: { 'reply lost': 10, 'reply silent': 10 } },
  {
    name: 'simulate run',
    args: ['simulate', 'run', '--devices', '2', '--for', '1s', '--notify', 't=walk(18,26,0.3) every 200ms', ...shared],
    frame: 2,
  },
  { name: 'trace replay', args: ['trace', 'replay', files.trace, ...shared], frame: 2 },
  { name: 'doctor', args: ['doctor', '--requests', '2', ...shared], frame: 2 },
];
