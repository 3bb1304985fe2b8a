import type { ConnectOptions } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import { filled, unboundIn } from '../../../../protocol/recordings/agreement.ts';
import { Bindings } from '../../../../protocol/recordings/bindings.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import { isAction } from '../../../../protocol/schema.ts';
import { refusedToken, type TokenOwner } from './caller.ts';
import { agreed, judgedFrames, judgedReply } from './judgement.ts';
import { mayJoin } from './joins.ts';
import { interruptedText, ScenarioConnection } from './line.ts';
import { lostServer } from './lostServer.ts';
import type { Scenario, ScenarioStep, StepResult, StepVerdict } from './scenario.ts';
import { pause } from '../../../terminal/waiting/pause.ts';

/** The facts that all scenarios of one verification share; times in ms. */
export interface VerifyStage {
  readonly options: Omit<ConnectOptions, 'credentials'>;
  readonly caller: TokenOwner;
  readonly replyMs: number;
  /** How long nothing must come before it counts as silence, in ms. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  /** Called with every request and every reply, so that everything created can be removed. */
  onSent(request: Frame): void;
  onReply(request: Frame, reply: Frame): void;
  /** Called if a connection cannot be made or used: the verification cannot be trusted then. */
  onLost(failure: Failure): void;
  /** Returns the failure given to `onLost`, if any: nothing more is sent then. */
  lost(): Failure | undefined;
}

/** Returns the options for connecting with the token that the command was given. */
export function callersOptions({ options, caller, replyMs }: VerifyStage): ConnectOptions {
  return { ...options, credentials: { accessToken: caller.token }, timeoutMs: replyMs };
}

/**
 * How long before and after a request that may join nothing else is on its way, in ms: replies and pushes of a real
 * server took 30 at most (PROTOCOL.md 7, Q41).
 */
const settledMs = 100;

/** The reason to skip a scenario that needs more rights. */
export const needsAdministrator = 'an administrator with a token for all networks and device types';

/** A step that was played, with what it sent and when. */
interface PlayedStep {
  readonly step: ScenarioStep;
  readonly index: number;
  readonly sent: unknown;
  readonly startMs: number;
}

/** A step that is judged only at the end of the scenario. */
interface Awaited extends PlayedStep {
  readonly line: ScenarioConnection;
  /** The request that must stay unanswered; undefined if nothing at all may come. */
  readonly requestId?: unknown;
}

/** Plays a scenario over its own connections; a difference does not end it. Throws only an interrupted `Failure`. */
export async function play(scenario: Scenario, unique: string, stage: VerifyStage): Promise<readonly StepResult[]> {
  const player = new Player(scenario, unique, stage);
  try {
    for (const [index, step] of scenario.steps.entries()) await player.play(step, index);
    await player.conclude();
    return player.results();
  } finally {
    player.close();
  }
}

class Player {
  readonly #scenario: Scenario;
  readonly #stage: VerifyStage;
  readonly #bindings: Bindings;
  readonly #lines = new Map<string, ScenarioConnection>();
  readonly #results: StepResult[] = [];
  readonly #awaited: Awaited[] = [];
  /** Names that earlier steps should have bound, with the reason why they did not, if known. */
  readonly #promised = new Map<string, string>();
  #isDead: string | undefined;

  constructor(scenario: Scenario, unique: string, stage: VerifyStage) {
    this.#scenario = scenario;
    this.#stage = stage;
    this.#bindings = new Bindings(initial(unique, stage.caller));
  }

  results(): readonly StepResult[] {
    return this.#results.sort((one, other) => one.step - other.step);
  }

  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  async play(step: ScenarioStep, index: number): Promise<void> {
    if (step.open === true) return this.#open(step);
    if (step.close === true) return this.#lines.get(step.connection)?.close();
    const reason = this.#reasonToSkip(step);
    const mustSettle = reason === undefined && step.send !== undefined && mayJoin(step.send);
    if (mustSettle) await pause(settledMs, this.#stage.signal, interruptedText);
    if (reason === undefined) await this.#perform(step, index);
    else this.#add({ step, index, sent: null, startMs: performance.now() }, { kind: 'skipped', reason });
    for (const name of namesBound(step)) {
      if (!this.#promised.has(name)) this.#promised.set(name, reason ?? 'what an earlier step did not give');
    }
    if (mustSettle) await pause(settledMs, this.#stage.signal, interruptedText);
  }

  /** Waits until the silence has lasted long enough, counting the time of the steps after it. */
  async conclude(): Promise<void> {
    const endMs = this.#awaited.reduce((latest, { startMs }) => Math.max(latest, startMs), 0) + this.#stage.silenceMs;
    if (this.#awaited.length > 0)
      await pause(Math.max(endMs - performance.now(), 0), this.#stage.signal, interruptedText);
    for (const awaited of this.#awaited.filter(({ requestId }) => requestId !== undefined)) this.#judgeSilence(awaited);
    const quiet = new Map(this.#awaited.filter(({ requestId }) => requestId === undefined).map((it) => [it.line, it]));
    for (const [name, line] of this.#lines) await this.#judgeRest(name, line, quiet.get(line));
  }

  async #open({ connection, as }: ScenarioStep): Promise<void> {
    const { caller, options, signal } = this.#stage;
    if (this.#deadOf !== undefined || (this.#scenario.administrator === true && !caller.isAdministrator)) return;
    try {
      const line = await ScenarioConnection.open(options, as === 'caller', signal);
      this.#lines.set(connection, line);
      if (as === 'caller') await this.#authenticate(line);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
      this.#isDead = error.message;
      this.#stage.onLost(error);
    }
  }

  async #authenticate(line: ScenarioConnection): Promise<void> {
    const { caller, replyMs, options } = this.#stage;
    const requestId = line.nextId();
    line.send(JSON.stringify({ action: 'authenticate', requestId, token: caller.token }));
    const reply = await line.reply((frame) => frame['requestId'] === requestId, replyMs);
    if (reply?.['status'] === 'success') return;
    if (reply !== undefined) throw refusedToken(reply);
    const what = line.closed === undefined ? 'did not answer' : 'was lost at';
    throw new Failure(line.closed === undefined ? 'timeout' : 'connect', `${options.url} ${what} authenticate`);
  }

  #reasonToSkip(step: ScenarioStep): string | undefined {
    const { caller } = this.#stage;
    const isForAdministrators = this.#scenario.administrator === true || step.administrator === true;
    if (isForAdministrators && !caller.isAdministrator) return needsAdministrator;
    if (this.#deadOf !== undefined) return `the server: ${this.#deadOf}`;
    const line = this.#lines.get(step.connection);
    if (line === undefined || line.closed !== undefined) return 'a connection, which was lost';
    const permission = line.isCallers ? caller.missing(step.send?.['action']) : undefined;
    if (permission !== undefined) return permission;
    const { send, sendText, expect, alternatives, frames } = step;
    const missing = unboundIn([send, sendText, expect, alternatives, frames], this.#bindings);
    return missing.map((name) => this.#promised.get(name)).find((reason) => reason !== undefined);
  }

  async #perform(step: ScenarioStep, index: number): Promise<void> {
    const line = this.#lines.get(step.connection);
    if (line === undefined) throw new Error(`${this.#scenario.scenario}: ${step.connection} is not open`);
    if (step.send !== undefined) return this.#request(step, step.send, index, line);
    const startMs = performance.now();
    const sent = this.#say(step, line);
    if (step.frames?.length === 0 && step.closed === undefined)
      return void this.#awaited.push({ step, index, line, sent, startMs });
    const frames = await line.frames(step.closed === undefined ? (step.frames?.length ?? 0) : Infinity, this.#waitMs);
    if (step.closed !== undefined) await line.end(this.#waitMs);
    this.#add({ step, index, sent, startMs }, judgedFrames(step, frames, line.closed, this.#bindings));
  }

  get #waitMs(): number {
    return Math.max(this.#stage.replyMs, this.#stage.silenceMs);
  }

  #say({ sendText, sendBinary }: ScenarioStep, line: ScenarioConnection): unknown {
    if (sendText !== undefined) line.send(String(filled(sendText, this.#bindings)));
    if (sendBinary !== undefined) line.sendBinary(Buffer.from(sendBinary));
    return sendText ?? sendBinary ?? null;
  }

  async #request(step: ScenarioStep, send: Frame, index: number, line: ScenarioConnection): Promise<void> {
    const isOwnId = 'requestId' in send;
    const requestId = isOwnId ? send['requestId'] : line.nextId();
    const request = { ...(filled(send, this.#bindings) as Frame), requestId };
    const startMs = performance.now();
    this.#stage.onSent(request);
    line.send(JSON.stringify(request));
    if (step.expect === null) {
      line.putAside(requestId);
      return void this.#awaited.push({ step, index, line, sent: request, requestId, startMs });
    }
    const reply = await line.reply((frame) => isOwnId || frame['requestId'] === requestId, this.#stage.replyMs);
    if (reply !== undefined) this.#stage.onReply(request, reply);
    this.#add({ step, index, sent: request, startMs }, judgedReply(step, reply, line.closed, this.#bindings));
    if (reply === undefined) await this.#giveUp(line, requestId);
  }

  /** The reason why nothing more is sent; undefined if requests go on. */
  get #deadOf(): string | undefined {
    return this.#isDead ?? this.#stage.lost()?.message;
  }

  /**
   * Asks again over the same and over another connection: the silence may concern one request, one connection, or
   * everybody.
   */
  async #giveUp(line: ScenarioConnection, requestId: unknown): Promise<void> {
    line.putAside(requestId);
    if (line.closed !== undefined) return;
    const probeId = line.nextId();
    line.send(JSON.stringify({ action: 'server/info', requestId: probeId }));
    const answer = await line.reply((frame) => frame['requestId'] === probeId, this.#waitMs);
    if (answer === undefined) this.#isDead = 'it answers no more';
    const lost = await lostServer(callersOptions(this.#stage));
    if (lost !== undefined) this.#stage.onLost(lost);
  }

  #judgeSilence({ step, index, line, sent, requestId, startMs }: Awaited): void {
    const reply = line.asideOf(requestId);
    const received = reply ?? (line.closed === undefined ? null : { closed: line.closed });
    const verdict: StepVerdict = received === null ? agreed : { kind: 'differ', expected: null, received, at: [] };
    this.#add({ step, index, sent, startMs }, verdict);
  }

  /** Judges the frames that no step has taken: there must be none. */
  async #judgeRest(connection: string, line: ScenarioConnection, quiet: Awaited | undefined): Promise<void> {
    const rest = await line.frames(0, 0);
    const step = quiet?.step ?? { connection, note: 'frames that nothing asked for', frames: [] };
    const verdict: StepVerdict =
      rest.length === 0 ? agreed : { kind: 'differ', expected: [], received: rest, at: ['frames'] };
    if (quiet === undefined && rest.length === 0) return;
    const { index, startMs } = quiet ?? { index: -1, startMs: performance.now() };
    this.#add({ step, index, sent: null, startMs }, verdict);
  }

  #add({ step, index, sent, startMs }: PlayedStep, verdict: StepVerdict): void {
    this.#results.push({
      scenario: this.#scenario.scenario,
      step: index + 1,
      note: step.note ?? '',
      connection: step.connection,
      action: actionOf(step),
      sent,
      ms: performance.now() - startMs,
      verdict,
    });
  }
}

/**
 * Returns the bindings that hold before the first step: the scenario's own names, the token's owner, and passwords that
 * nobody can guess.
 */
function initial(unique: string, { token, userId }: TokenOwner): (readonly [string, unknown])[] {
  const secret = () => Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64url');
  return [
    ['unique:1', unique],
    ['token:0', token],
    ...(userId === undefined ? [] : [['id:0', userId] as const]),
    ['secret:1', secret()],
    ['secret:2', secret()],
    ['soon', new Date(Date.now() + soonMs).toISOString().replace('Z', '')],
  ];
}

/** How long a scenario's tokens live, in ms. */
const soonMs = 600_000;

/** Returns the names of ids and tokens that a step binds when its reply agrees. */
function namesBound({ expect, frames }: ScenarioStep): readonly string[] {
  return unboundIn([expect, frames], new Bindings()).filter((name) => /^(id|token):[1-9]/.test(name));
}

/** Returns the action that a step counts for; 'other' if it has none. */
function actionOf({ send, frames, about }: ScenarioStep): string {
  const pushed = (frames?.[0] as { action?: unknown } | undefined)?.action;
  const action = about ?? send?.['action'] ?? pushed;
  return typeof action === 'string' && isAction(action) ? action : 'other';
}
