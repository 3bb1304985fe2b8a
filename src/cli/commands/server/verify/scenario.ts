import type { Frame } from '../../../../protocol/frames.ts';

/**
 * One step of a scenario: the format of recorded exchanges, with `as`, `administrator`, `alternatives` and `about`
 * besides.
 */
export interface ScenarioStep {
  readonly note?: string;
  readonly connection: string;
  readonly open?: true;
  /** With `open`: authenticated with the token that the command was given; the others are anonymous at first. */
  readonly as?: 'caller';
  readonly close?: true;
  /** Goes out with a request id of the player's choice, unless it has its own. */
  readonly send?: Frame;
  readonly sendText?: string;
  readonly sendBinary?: string;
  /** The reply, without a request id chosen by the player; null means silence. */
  readonly expect?: unknown;
  /** Other replies that are as good. */
  readonly alternatives?: readonly unknown[];
  /** The pushes that arrive; an empty list: nothing else until the end of the scenario. */
  readonly frames?: readonly unknown[];
  /** The code with which the server closes the connection. */
  readonly closed?: number;
  /** The action that a step without `send` is about. */
  readonly about?: string;
  /** The answer depends on rights to everything. */
  readonly administrator?: true;
}

/** Steps in order, over connections of their own; what they make bears a name of their own, `${unique:1}`. */
export interface Scenario {
  readonly scenario: string;
  /** `write`: it makes things, which are removed again. */
  readonly profile: 'read-only' | 'write';
  readonly administrator?: true;
  /** Nothing else goes on meanwhile. */
  readonly alone?: true;
  readonly steps: readonly ScenarioStep[];
}

/** The result of a step. */
export type StepVerdict =
  | { readonly kind: 'agree' }
  | { readonly kind: 'differ'; readonly expected: unknown; readonly received: unknown; readonly at: readonly string[] }
  | { readonly kind: 'skipped'; readonly reason: string };

/** One step that was played, or left out. */
export interface StepResult {
  readonly scenario: string;
  /** Counted from 1; 0 for things outside of the steps, such as frames that nobody expected. */
  readonly step: number;
  readonly note: string;
  readonly connection: string;
  /** An action of the protocol, or a word for what has none. */
  readonly action: string;
  /** The frame or text as it was sent; null where nothing was. */
  readonly sent: unknown;
  readonly ms: number;
  readonly verdict: StepVerdict;
}
