import type { ServerState } from '../errors.ts';

/**
 * The message that names each state of a sick server, always in these words, and the hint for whoever runs it
 * (PROTOCOL.md 0.1, Q2, Q41, Q43).
 */
export const serverStates: Readonly<Record<ServerState, { readonly message: string; readonly hint: string }>> = {
  'backend silent': {
    message:
      'the frontend answers, but nothing that needs the backend does; this concerns all clients: restart ws-proxy, backend and frontend',
    hint: 'A frontend that is restarted alone does not come up. DeviceHive may process an unacknowledged request again: if it stops once more, first delete what is near 1 MiB.',
  },
  'frontend silent': {
    message:
      'nothing is answered any more, on a new connection neither; this concerns all clients: restart the frontend',
    hint: 'After that, requests that need the backend may have to wait for about 40 s.',
  },
};

/** Returns the state whose message a text contains, or undefined. */
export function stateToldIn(text: string): ServerState | undefined {
  const states = Object.keys(serverStates) as ServerState[];
  return states.find((state) => text.includes(serverStates[state].message));
}
