/**
 * Milliseconds of the monotonic clock, with a fraction. The global `performance` would load a module, which the start
 * of a command would wait for.
 */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
