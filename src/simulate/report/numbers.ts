/** The unit of a number in a result: ms, a count, a count per second, or a share from 0 to 1. */
export type Unit = 'ms' | 'count' | 'rate' | 'share';

/** Returns a number with its unit, for people. */
export function spokenValue(value: number, unit: Unit): string {
  return spoken[unit](value);
}

const spoken: Readonly<Record<Unit, (value: number) => string>> = {
  ms: spokenMs,
  count: spokenCount,
  rate: spokenRate,
  share: spokenShare,
};

/** Returns a number with its unit and up to nine digits. */
export function exactValue(value: number, unit: Unit): string {
  const digits = (number: number) => String(Number(number.toPrecision(9)));
  if (unit === 'share') return `${digits(value * 100)} %`;
  if (unit === 'ms') return value < 1000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`;
  return `${digits(value)}${unit === 'rate' ? '/s' : ''}`;
}

/** Returns a duration in ms for people: `850 µs`, `12.3 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function spokenMs(ms: number): string {
  if (ms === 0) return '0 ms';
  if (ms < 0.9995) return `${Math.round(ms * 1000)} µs`;
  if (ms < 999.5) return `${threeDigits(ms)} ms`;
  if (ms < 59_950) return `${threeDigits(ms / 1000)} s`;
  const wholeSeconds = Math.round(ms / 1000);
  const minutes = Math.floor(wholeSeconds / 60);
  const seconds = wholeSeconds % 60;
  if (minutes < 60) return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Returns the local time of day of a time in ms since 1970: `09:41:07`. */
export function timeOfDay(epochMs: number): string {
  return new Date(epochMs).toTimeString().slice(0, 8);
}

/** Returns a count with separated thousands: `12,345`. */
export function spokenCount(count: number): string {
  const [whole = '', rest] = String(count).split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...(rest === undefined ? [] : [rest])].join('.');
}

/** Returns a count of devices: `1 device`, `1,200 devices`. */
export function spokenDevices(count: number): string {
  return `${spokenCount(count)} ${count === 1 ? 'device' : 'devices'}`;
}

/** Returns a rate per second for people. */
export function spokenRate(perSecond: number): string {
  return `${perSecond >= 1000 ? spokenCount(Math.round(perSecond)) : threeDigits(perSecond)}/s`;
}

/** Returns a share of 0 to 1 in per cent; exactly 0 % and 100 % only for nothing and all. */
export function spokenShare(share: number): string {
  const percent = share * 100;
  if (percent > 99 && percent < 100) return `${Math.floor(percent * 100) / 100} %`;
  return `${Number(percent < 10 ? percent.toPrecision(2) : percent.toFixed(0))} %`;
}

/** Returns the rest of a share in per cent, so that both, as written, add up to 100 %. */
export function spokenRemainder(share: number): string {
  return spokenShare(1 - Number.parseFloat(spokenShare(share)) / 100);
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
