import type { ServerState } from '../../../../errors.ts';
import { serverStates, stateToldIn } from '../../../../protocol/serverStates.ts';
import type { Io } from '../../../terminal/io.ts';

/** The errors in a snapshot of a run. */
interface SeenErrors {
  readonly errors: readonly { readonly text: string }[];
}

/** Returns an observer that warns once of each state of a sick server that requests meet. */
export function sickServer(io: Io) {
  const told = new Set<ServerState>();
  return {
    update({ errors }: SeenErrors): void {
      for (const state of errors.map(({ text }) => stateToldIn(text))) {
        if (state === undefined || told.has(state)) continue;
        told.add(state);
        io.warn(`${serverStates[state].message}. ${serverStates[state].hint}`);
      }
    },
    finish: () => Promise.resolve(),
  };
}
