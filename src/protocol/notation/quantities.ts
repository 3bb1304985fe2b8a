import { own } from '../own.ts';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Returns a duration such as `200ms`, `1.5m` or `1m30s` in ms; undefined where the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (own(unitsMs, unit ?? '') ?? 0), 0);
}

const periodsS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/**
 * Returns a rate such as `50/s`, `300/m` or `10/h` per second; undefined where the text is not a rate. Without a period
 * it is per second.
 */
export function parseRate(text: string): number | undefined {
  const [, amount, period = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) / (own(periodsS, period) ?? 1);
}

/**
 * Returns a percentage such as `1%` as a fraction, 0.01; undefined where the text is not a percentage or exceeds 100%.
 */
export function parseShare(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Number(amount) / 100;
  return share <= 1 ? share : undefined;
}
