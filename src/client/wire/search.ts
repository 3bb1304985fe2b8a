import type { ServerPlace } from '../serverPlace.ts';
import { HandshakeRefusal, noWebSocket } from './connectFailure.ts';

/**
 * Opens something at the place of a server, which is looked for where it is not known yet. Throws as `openAt` does; a
 * `connect` failure where every place refuses.
 */
export async function openAtPlace<T>(place: ServerPlace, openAt: (url: string) => Promise<T>): Promise<T> {
  const { urls } = place;
  if (urls.length === 1) return openAt(place.url);
  const refusals: HandshakeRefusal[] = [];
  for (const url of urls) {
    try {
      const opened = await openAt(url);
      place.found(url);
      return opened;
    } catch (error) {
      if (!(error instanceof HandshakeRefusal) || error.isOfProxy) throw error;
      refusals.push(error);
    }
  }
  throw noWebSocket(refusals);
}
