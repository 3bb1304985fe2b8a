import type { Frame } from '../../../../protocol/frames.ts';

/** One step of a scenario: a recorded exchange, extended by `as`, `administrator`, `alternatives` and `about`. */
export interface ScenarioStep {
  readonly note?: string;
  readonly connection: string;
  readonly open?: true;
  /** With `open`: authenticated with the token that the command was given; without it, anonymous at first. */
  readonly as?: 'caller';
  readonly close?: true;
  /** The request; the player chooses its id unless it has one. */
  readonly send?: Frame;
  readonly sendText?: string;
  readonly sendBinary?: string;
  /** The reply, without a request id chosen by the player; null means silence. */
  readonly expect?: unknown;
  /** Other replies that count as equal. */
  readonly alternatives?: readonly unknown[];
  /** The pushes that arrive; an empty list means that nothing else comes until the end of the scenario. */
  readonly frames?: readonly unknown[];
  /** The code with which the server closes the connection. */
  readonly closed?: number;
  /** The action that a step without `send` is about. */
  readonly about?: string;
  /** True if the answer depends on rights to everything. */
  readonly administrator?: true;
}

/** Steps in order, over separate connections; everything they create has a unique name, `${unique:1}`. */
export interface Scenario {
  readonly scenario: string;
  /** `write` creates things, which are removed again. */
  readonly profile: 'read-only' | 'write';
  readonly administrator?: true;
  /** True if no other scenario may run meanwhile. */
  readonly alone?: true;
  readonly steps: readonly ScenarioStep[];
}

/** The result of a step. */
export type StepVerdict =
  | { readonly kind: 'agree' }
  | { readonly kind: 'differ'; readonly expected: unknown; readonly received: unknown; readonly at: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string };

/** One step that was played, or skipped. */
export interface StepResult {
  readonly scenario: string;
  /** Counted from 1; 0 for findings outside of the steps, such as frames that nobody expected. */
  readonly step: number;
  readonly note: string;
  readonly connection: string;
  /** An action of the protocol, or a word for steps without one. */
  readonly action: string;
  /** The frame or text as it was sent; null if nothing was. */
  readonly sent: unknown;
  readonly ms: number;
  readonly verdict: StepVerdict;
}
