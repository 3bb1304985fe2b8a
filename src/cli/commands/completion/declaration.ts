import type { ToolCommand } from '../toolCommand.ts';

/** Completion in the user's shell. */
export const completionCommand: ToolCommand = {
  words: ['completion'],
  summary: 'Print a script that makes a shell complete commands, flags and values, ids of the server among them',
  groups: [],
  examples: ['completion bash > devicehive.bash', 'completion zsh > _devicehive', 'completion fish | source'],
  declare: (command, io, program) => {
    command
      .description(
        'Print a script that makes a shell complete commands, flags and values, ids of the server among them.\n\n' +
          'bash, in ~/.bashrc:                   source <(devicehive completion bash)\n' +
          'zsh, in ~/.zshrc after compinit:      source <(devicehive completion zsh)\n' +
          'fish, in ~/.config/fish/config.fish:  devicehive completion fish | source\n' +
          'PowerShell, in $PROFILE:              devicehive completion powershell | Out-String | Invoke-Expression',
      )
      .argument('<shell>', 'bash, zsh, fish or powershell')
      // The scripts ask with: completion complete -- WORD…
      .allowExcessArguments()
      .action(async (shell: string) => {
        const { completion: print } = await import('./completion.ts');
        await print(shell, command.args.slice(1), program, io);
      });
  },
};
