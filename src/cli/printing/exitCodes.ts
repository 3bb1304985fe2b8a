import type { FailureKind } from '../../errors.ts';

/** Exit codes by kind of failure; SIGTERM and SIGHUP get their own codes where signals are caught. */
export const exitCodes: Readonly<Record<FailureKind | 'internal', number>> = {
  internal: 1,
  usage: 2,
  invalid: 3,
  auth: 4,
  connect: 5,
  refused: 6,
  timeout: 7,
  pending: 8,
  assertion: 9,
  partial: 10,
  generator: 11,
  interrupted: 130,
};
