import { refuse, stumble } from '../outcome.ts';

/** A rule that a property's value breaks, with the message about it. */
export interface Violation {
  readonly property: string;
  readonly value: string | number | bigint | undefined;
  readonly message: string;
}

/** Refuses with 400 in the words of the real server's validator, unless there are no violations (PROTOCOL.md 2.7). */
export function refuseViolations(violations: readonly (Violation | undefined)[]): void {
  const lines = violations
    .filter((violation) => violation !== undefined)
    .map(
      ({ property, value, message }) => `\nOn property ${property} (value: ${String(value ?? null)}): ${message} ; `,
    );
  if (lines.length === 0) return;
  const start = 'Error! Make sure, that the passed object is correct and properly structured. Validation failed: ';
  refuse(400, start + lines.join(''));
}

/** Returns the violation of a property that is missing. */
export function required(
  property: string,
  value: string | number | bigint | undefined,
  message = `${property} field cannot be null.`,
): Violation | undefined {
  return value === undefined ? { property, value, message } : undefined;
}

/** Returns the violation of a text whose length is out of bounds; an absent text is fine. */
export function sized(
  property: string,
  value: string | undefined,
  [min, max]: readonly [min: number, max: number],
  message: string,
): Violation | undefined {
  const isFine = value === undefined || (value.length >= min && value.length <= max);
  return isFine ? undefined : { property, value, message };
}

/** Returns the violation of a number out of bounds; an absent number is fine. */
export function ranged(property: string, value: number | undefined, min: number, max: number): Violation | undefined {
  if (value === undefined || (value >= min && value <= max)) return undefined;
  const message = `The value of ${property} should not be ${value > max ? `more than ${max}` : `less than ${min}`}.`;
  return { property, value, message };
}

/**
 * Fails with a 500 over a text that the real server's database cannot store: PostgreSQL knows no U+0000 (PROTOCOL.md
 * 2.7).
 */
export function refuseNul(...texts: readonly (string | null | undefined)[]): void {
  if (texts.some((text) => text?.includes('\0') === true)) {
    stumble('could not execute statement', 'Texts cannot contain U+0000');
  }
}
