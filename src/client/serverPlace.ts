import { placesOf } from '../protocol/serverPlaces.ts';

/**
 * Where a server has its WebSocket: at the URL that names it or, where that has no path, at one of DeviceHive's two.
 */
export class ServerPlace {
  /** Where it may be: one, once that is known. */
  #urls: readonly string[];

  constructor(url: string) {
    this.#urls = placesOf(url);
  }

  get urls(): readonly string[] {
    return this.#urls;
  }

  /** The place, or the one to be tried first. */
  get url(): string {
    return this.#urls[0] ?? '';
  }

  /** It has been found here. */
  found(url: string): void {
    this.#urls = [url];
  }
}
