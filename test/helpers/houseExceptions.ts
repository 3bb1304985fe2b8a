/**
 * What breaks the rules of test/house.test.ts today. These lists only shrink: whoever mends an entry takes it out, nobody adds one without the
 * reason beside it.
 */
export const exceptions = {
  circles: [],
  fullFolders: [],
  // both describe the whole program, which only program.ts can build
  floors: [
    'src/cli/commands/commands/commandMap.ts imports src/cli/program/program.ts',
    'src/cli/commands/completion/cursor.ts imports src/cli/program/program.ts',
  ],
  commandsImportingCommands: [
    // `exec --plan` plays devices beside the program, as `simulate run` does
    'exec imports simulate',
    // the dialogue carries out other commands
    'interactive imports auth',
    'interactive imports watch',
  ],
  windows: [],
  // the library's typed faces of the client's own: users import them under these names
  doubledNames: ['Connection', 'connect'],
  citations: [],
  wideComments: [],
} as const satisfies Record<string, readonly string[]>;
