/** The latest time that a `Date` holds, in ms since 1970. */
const maxTimeMs = 8.64e15;

const iso = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?(?:\.(\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

const rfc1123 =
  /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? (GMT|UTC|[+-]\d{4})$/;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Returns a time, given in ms since 1970, as DeviceHive writes it: UTC with three fraction digits and no zone
 * (PROTOCOL.md 6.1). Throws a RangeError where no `Date` holds `timeMs`.
 */
export function formatTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, -1);
}

/**
 * Reads a time as DeviceHive does (PROTOCOL.md 6.1) and returns ms since 1970, or undefined where the text is not a
 * time. Accepts ISO 8601 with or without time, fraction and zone (none means UTC), RFC 1123, and plain digits, possibly
 * negative, as ms since 1970. Surrounding blanks are ignored; days and months that do not exist roll over.
 */
export function parseTimestamp(text: string): number | undefined {
  const bare = text.trim();
  const timeMs = /^-?\d+$/.test(bare) ? Number(bare) : (isoTime(bare) ?? rfcTime(bare) ?? NaN);
  return Math.abs(timeMs) <= maxTimeMs ? timeMs : undefined;
}

function isoTime(text: string): number | undefined {
  const found = iso.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = found;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = [Number(hour), Number(minute), Number(second), ms] as const;
  return utc([Number(year), Number(month) - 1, Number(day)], time) - offsetMs(zone);
}

function rfcTime(text: string): number | undefined {
  const found = rfc1123.exec(text);
  if (found === null) return undefined;
  const [, day, name = '', year, hour, minute, second = '0', zone = 'GMT'] = found;
  const month = months.indexOf(name);
  if (month < 0) return undefined;
  const time = [Number(hour), Number(minute), Number(second), 0] as const;
  return utc([Number(year), month, Number(day)], time) - offsetMs(zone);
}

/** Year, month from 0 on, and day. */
type DateParts = readonly [year: number, month: number, day: number];

/** Hour, minute, second and millisecond. */
type TimeParts = readonly [hour: number, minute: number, second: number, ms: number];

/** As `Date.UTC`, but takes the years 0 to 99 literally. */
function utc(day: DateParts, time: TimeParts): number {
  const date = new Date(0);
  date.setUTCFullYear(...day);
  date.setUTCHours(...time);
  return date.getTime();
}

function offsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'GMT' || zone === 'UTC') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0');
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
