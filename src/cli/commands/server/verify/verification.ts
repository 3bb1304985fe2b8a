import type { ConnectOptions } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import type { Conversation } from '../../../target/conversation.ts';
import { callerOf, type TokenOwner } from './caller.ts';
import { isPlayedAlone } from './joins.ts';
import { lostServer } from './lostServer.ts';
import { callersOptions, play, type VerifyStage } from './player.ts';
import { Removal } from './removal.ts';
import type { Scenario, StepResult } from './scenario.ts';
import { scenarios, uniqueOf } from './scenarios.ts';

/**
 * How many scenarios run at once against a server inside this process: each has one to four connections, and mostly
 * waits. Other servers get one at a time: 8 have frozen a real server (PROTOCOL.md 7, Q41).
 */
const atOnceHere = 8;
/** How long the server may take to remove one thing, in ms. */
const removalMs = 5000;

/** The target and scope of a verification; times in milliseconds. */
export interface VerifyPlan {
  /** Called with the number of scenarios played, and of all. */
  readonly onProgress: (played: number, of: number) => void;
  readonly profile: Scenario['profile'];
  readonly replyMs: number;
  readonly silenceMs: number;
}

/** The results of a verification. */
export interface Verification {
  readonly apiVersion: string | null;
  readonly caller: TokenOwner;
  readonly results: readonly StepResult[];
  /** The things that were created and could not be removed, in words. */
  readonly left: readonly string[];
  /** Why the server could not be verified to the end. */
  readonly lost: Failure | undefined;
}

/**
 * Plays the scenarios of a profile against a server, and removes what they created, whatever happens; `onLeft` is
 * called with the remains even if this throws. Throws a `Failure`.
 */
export async function verify(
  conversation: Conversation,
  plan: VerifyPlan,
  signal: AbortSignal,
  onLeft: (left: readonly string[], prefix: string) => void,
): Promise<Verification> {
  const { connection, options } = conversation;
  const apiVersion = await versionOf(conversation);
  const caller = await callerOf(conversation.token(), connection);
  const prefix = `verify-${Math.random().toString(36).slice(2, 9)}-`;
  const removal = new Removal(prefix);
  let lost: Failure | undefined;
  const stage: VerifyStage = {
    ...plan,
    options,
    caller,
    signal,
    onSent: (request) => removal.sent(request),
    onReply: (request, reply) => removal.replied(request, reply),
    onLost: (failure) => (lost ??= failure),
    lost: () => lost,
  };
  let left: readonly string[] = [];
  const sweep = async () => {
    if (plan.profile === 'write' || removal.isNeeded) left = await removal.sweep(janitor(options, caller));
  };
  try {
    const results = await playAll(plan, prefix, stage, conversation.embedded ? atOnceHere : 1);
    lost ??= results.some(isDifferent) ? await lostServer(callersOptions(stage)) : undefined;
    await sweep();
    return { apiVersion, caller, results, left, lost };
  } catch (error) {
    await sweep();
    throw error;
  } finally {
    if (left.length > 0) onLeft(left, prefix);
  }
}

function isDifferent({ verdict }: StepResult): boolean {
  return verdict.kind === 'differ';
}

async function playAll(
  { profile, onProgress }: VerifyPlan,
  prefix: string,
  stage: VerifyStage,
  atOnce: number,
): Promise<readonly StepResult[]> {
  const chosen = scenarios.filter((scenario) => scenario.profile === 'read-only' || profile === 'write');
  const results = new Map<Scenario, readonly StepResult[]>();
  const playOne = async (scenario: Scenario) => {
    onProgress(results.size, chosen.length);
    results.set(scenario, await play(scenario, uniqueOf(scenario, prefix), stage));
  };
  const queue = chosen
    .filter((scenario) => !isPlayedAlone(scenario))
    .sort((one, other) => Number(listens(other)) - Number(listens(one)))
    .values();
  const lane = async () => {
    for (const scenario of queue) await playOne(scenario);
  };
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  for (const scenario of chosen.filter(isPlayedAlone)) await playOne(scenario);
  return chosen.flatMap((scenario) => results.get(scenario) ?? []);
}

/** True for scenarios that wait for silence; they take longest, and start first. */
function listens({ steps }: Scenario): boolean {
  return steps.some(({ expect, frames }) => expect === null || frames?.length === 0);
}

async function versionOf({ connection }: Conversation): Promise<string | null> {
  try {
    const { reply } = await connection.request('server/info', {});
    const { apiVersion } = reply.info as { readonly apiVersion?: unknown };
    return typeof apiVersion === 'string' ? apiVersion : null;
  } catch (error) {
    if (error instanceof Failure && error.reply === undefined) throw error;
    return null;
  }
}

/**
 * Returns the options for the connection that removes things; it ignores signals, so that removal goes on after one.
 */
function janitor(options: Omit<ConnectOptions, 'credentials'>, { token }: TokenOwner): ConnectOptions {
  const { signal: _signal, ...others } = options;
  return { ...others, credentials: { accessToken: token }, timeoutMs: removalMs, probe: false, retries: 1 };
}
