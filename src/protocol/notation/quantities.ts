import { own } from '../own.ts';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `200ms`, `1.5m` or `1m30s` in ms; undefined where the text is none. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (own(unitsMs, unit ?? '') ?? 0), 0);
}

const periodsS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/**
 * A rate such as `50/s`, `300/m` or `10/h` in so many a second; undefined where the text is none. Without a period it
 * is a second's.
 */
export function parseRate(text: string): number | undefined {
  const [, amount, period = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) / (own(periodsS, period) ?? 1);
}

/** A share such as `1%` as 0.01; undefined where the text is none, or more than all. */
export function parseShare(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const share = Number(amount) / 100;
  return share <= 1 ? share : undefined;
}
