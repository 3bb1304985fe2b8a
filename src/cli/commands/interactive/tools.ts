import type { Context } from '../../target/context.ts';
import { durationProblem } from '../../terminal/durations.ts';
import type { Prompter } from '../../terminal/prompts/prompter.ts';
import { shellQuote } from '../../terminal/shellWords.ts';

/** Titles of the commands that interactive mode offers besides actions. */
export const toolTitles = {
  doctor: 'Check server, token, clock and settings',
  'auth status': 'Tell as whom the server is used, and what the token allows',
  'simulate run': 'Play devices against this server for a while, and measure',
  'server start': 'Run a server for tests on this machine',
} as const;

export type ToolName = keyof typeof toolTitles;

export const toolNames = Object.keys(toolTitles) as readonly ToolName[];

/** A command that is ready to be carried out. */
export interface ToolRun {
  /** Its words and own flags, without the session's. */
  readonly words: readonly string[];
  /** True if Esc or q can end it. */
  readonly isStoppable: boolean;
  /** True if it uses the session's server. */
  readonly usesServer: boolean;
  readonly run: (context: Context) => Promise<void>;
}

/** Asks for what the command needs. */
export async function toolRun(tool: ToolName, prompter: Prompter): Promise<ToolRun> {
  switch (tool) {
    case 'doctor':
      return {
        ...plain(tool),
        run: async (context) => (await import('../doctor/doctor.ts')).doctor(context),
      };
    case 'auth status':
      return {
        ...plain(tool),
        run: async (context) => (await import('../auth/status.ts')).authStatus(context),
      };
    case 'simulate run':
      return simulation(prompter);
    case 'server start':
      return {
        ...plain(tool),
        isStoppable: true,
        usesServer: false,
        run: async ({ io }) => (await import('../server/start.ts')).serverStart({ io, values: {} }, 'Esc or q'),
      };
  }
}

function plain(tool: ToolName): Omit<ToolRun, 'run'> {
  return { words: tool.split(' '), isStoppable: false, usesServer: true };
}

/** The notification that each device sends. */
const usualNotification = 'temperature=walk(18,26,0.3) every 1s';

/** Asks for a simulation; its devices are removed at its end. */
async function simulation(prompter: Prompter): Promise<ToolRun> {
  const devices = await prompter.line({
    message: 'How many devices? (--devices)',
    default: '10',
    check: (text) => Promise.resolve(/^[1-9]\d{0,4}$/.test(text) ? undefined : 'must be a number from 1 to 99999'),
    isCheckedTyping: () => true,
  });
  const time = await prompter.line({
    message: 'For how long? (--for)',
    default: '30s',
    check: (text) => Promise.resolve(durationProblem(text)),
    isCheckedTyping: () => false,
  });
  const flags = { devices, notify: [usualNotification], for: time, cleanup: true };
  const words = ['simulate', 'run', '--devices', devices, '--notify', usualNotification, '--for', time, '--cleanup'];
  return {
    words,
    isStoppable: true,
    usesServer: true,
    run: async ({ io, values }) => {
      const { simulateRun } = await import('../simulate/run/run.ts');
      return simulateRun(undefined, { io, values: { ...values, ...flags } }, words);
    },
  };
}

/** Returns the equivalent command line, with the session's words at its end. */
export function toolLine({ words, usesServer }: ToolRun, sessionWords: readonly string[]): string {
  return ['devicehive', ...words, ...(usesServer ? sessionWords : [])].map(shellQuote).join(' ');
}
