import { script } from '@bomb.sh/tab';
import { bashScript } from './bashScript.ts';
import type { Shell } from './shells.ts';

/** The command that the scripts run for completions. */
const completer = 'devicehive completion';

/** Returns the script for one shell; it completes both names of the program. */
export function completionScript(shell: Shell): string {
  if (shell === 'bash') return bashScript;
  return forBothNames[shell](printed(() => script(shell, 'devicehive', completer)));
}

/** The package writes to the console only. */
/* eslint-disable no-console */
function printed(print: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    print();
  } finally {
    console.log = log;
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
/* eslint-enable no-console */

/** The package knows one name of a program. */
const forBothNames: Readonly<Record<Exclude<Shell, 'bash'>, (text: string) => string>> = {
  zsh: (text) =>
    text
      .replace('#compdef devicehive\n', '#compdef devicehive dh\n')
      .replace('compdef _devicehive devicehive\n', 'compdef _devicehive devicehive dh\n'),
  fish: (text) => `${text}\ncomplete -c dh -w devicehive\n`,
  powershell: (text) =>
    `${text}\nRegister-ArgumentCompleter -CommandName 'dh' -ScriptBlock $__devicehiveCompleterBlock\n`,
};
