import type { ServerState } from '../../errors.ts';
import { serverStates } from '../../protocol/serverStates.ts';
import { spokenDuration } from '../../protocol/notation/spokenDuration.ts';
import { frontendQuestion, type ServerProbe } from './serverProbe.ts';

/** Facts about a call that was not answered: sentences, and advice if there is any. */
export interface Learnt {
  readonly sentences: readonly string[];
  readonly hint?: string;
  readonly serverState?: ServerState;
}

/** Returns what is known of the server to a fleet: one connection of many proves nothing for the others. */
export function aboutFleet(server: ServerProbe): Learnt {
  return server.liveness === 'backend silent' ? aboutServer(server) : { sentences: [] };
}

/** Returns what is known of the server by now. */
export function aboutServer({ liveness, waitedMs }: ServerProbe): Learnt {
  switch (liveness) {
    case undefined:
      return { sentences: [] };
    case 'answers':
      return { sentences: [`the server still answers ${frontendQuestion}, and its backend answers too`] };
    case 'frontend answers':
      return { sentences: [`the server still answers ${frontendQuestion}`] };
    case 'frontend silent':
      return { sentences: [hangsHere(waitedMs)], hint: mayHang };
    case 'backend silent': {
      const { message, hint } = serverStates[liveness];
      return { sentences: [message], hint, serverState: liveness };
    }
  }
}

function hangsHere(waitedMs: number): string {
  return `not even ${frontendQuestion} was answered within ${spokenDuration(waitedMs)}, so the server hangs for this connection; another one may not`;
}

const mayHang =
  'Ask over another connection, with: devicehive server status. If that is not answered either, the frontend must be restarted.';
