import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Twice 4 MiB: V8 keeps two halves. */
const enoughBytes = 6 * 1024 * 1024;

/**
 * Keeps V8's space for young objects at 4 MiB. It starts with 1 MiB, which is too little: requests on their way would count as old. And it would grow
 * to 16 MiB, three times over, which is memory for nothing: what belongs to a request does not outlive it. V8 looks at the flag each time it might grow.
 */
export class YoungGeneration {
  #isSettled = false;

  constructor() {
    setFlagsFromString('--semi-space-growth-factor=4');
  }

  /** To be called now and then. */
  check(): void {
    if (this.#isSettled) return;
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if (space === undefined || space.space_size < enoughBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    this.#isSettled = true;
  }
}
