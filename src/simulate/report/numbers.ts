/** A duration in ms as people write it: `850 µs`, `12.3 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function spokenMs(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${threeDigits(ms)} ms`;
  if (ms < 60_000) return `${threeDigits(ms / 1000)} s`;
  const wholeSeconds = Math.round(ms / 1000);
  const minutes = Math.floor(wholeSeconds / 60);
  const seconds = wholeSeconds % 60;
  if (minutes < 60) return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A count with its thousands apart: `12 345`. */
export function spokenCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** How many devices: `1 device`, `1 200 devices`. */
export function spokenDevices(count: number): string {
  return `${spokenCount(count)} ${count === 1 ? 'device' : 'devices'}`;
}

/** A rate per second. */
export function spokenRate(perSecond: number): string {
  return `${perSecond >= 1000 ? spokenCount(Math.round(perSecond)) : threeDigits(perSecond)}/s`;
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
