import type { ToolCommand } from '../toolCommand.ts';

const login: ToolCommand = {
  words: ['auth', 'login'],
  summary: 'Log in to a server and keep the tokens; a password is asked for, and never shown',
  groups: ['place', 'connection', 'timeout', 'output', 'general'],
  examples: [
    'auth login --url wss://hive.example.com/api/websocket',
    'auth login --context production --login alice',
    'auth login --context production --login ci --password-file password.txt',
  ],
  declare: (command, io) => {
    command
      .option('--login <login>', 'login (default: DEVICEHIVE_LOGIN)')
      .option('--password-file <file>', 'file with the password; - is stdin (default: DEVICEHIVE_PASSWORD_FILE)')
      .action(async () => {
        const { authLogin } = await import('./login.ts');
        await authLogin({ io, values: command.opts() });
      });
  },
};

const logout: ToolCommand = {
  words: ['auth', 'logout'],
  summary: 'Forget the tokens kept for a context',
  groups: ['place', 'output', 'general'],
  examples: ['auth logout', 'auth logout --context production'],
  declare: (command, io) => {
    command.action(async () => {
      const { authLogout } = await import('./logout.ts');
      await authLogout({ io, values: command.opts() });
    });
  },
};

const status: ToolCommand = {
  words: ['auth', 'status'],
  summary: 'Tell which server would be used, as whom, and what the token allows; ends with 4 when no token serves',
  groups: ['place', 'identity', 'connection', 'timeout', 'output', 'general'],
  examples: ['auth status', 'auth status --context production --query expiresAt'],
  declare: (command, io) => {
    command.action(async () => {
      const { authStatus } = await import('./status.ts');
      await authStatus({ io, values: command.opts() });
    });
  },
};

/** Commands about the user's identity at a server. */
export const authCommands: readonly ToolCommand[] = [login, logout, status];
