import { readFileSync } from 'node:fs';
import { agree, filled } from '../../src/protocol/recordings/agreement.ts';
import { Bindings } from '../../src/protocol/recordings/bindings.ts';
import { Conversation, type Received } from './conversation.ts';

/** One step of a vector (vectors/README.md of the recordings). */
export interface Step {
  readonly note?: string;
  readonly connection: string;
  readonly open?: true;
  readonly close?: true;
  readonly send?: Readonly<Record<string, unknown>>;
  readonly sendText?: string;
  readonly sendBinary?: string;
  readonly expect?: unknown;
  readonly frames?: readonly unknown[];
  readonly closed?: number;
}

/** A recorded scenario. */
export interface Vector {
  readonly scenario: string;
  readonly steps: readonly Step[];
}

/** A step in which server and recording differ. `index` counts from 0. */
export interface Disagreement {
  readonly index: number;
  readonly step: Step;
  readonly actual: unknown;
}

/** The server to replay against. */
export interface ReplayTarget {
  readonly url: string;
  readonly login: string;
  readonly password: string;
  /** Called with every reply, with its action, and every push. */
  readonly observe?: (frame: Received) => void;
}

/** Reads a vector file. */
export function readVector(file: string | URL): Vector {
  return JSON.parse(readFileSync(file, 'utf8')) as Vector;
}

/**
 * Plays a scenario over real sockets. Returns the steps that differ from the recording; a difference does not end it.
 *
 * The player of `server verify` is another one: it keeps away from a server's other users, and must wait to tell
 * silence from a late reply. Here a probe tells at once, which a real server, whose replies overtake one another, does
 * not allow. Both compare by `src/protocol/recordings`.
 */
export async function replay(vector: Vector, target: ReplayTarget): Promise<Disagreement[]> {
  const replayer = new Replayer(target);
  const disagreements: Disagreement[] = [];
  for (const [index, step] of vector.steps.entries()) {
    const { isFine, actual } = await replayer.play(step);
    if (!isFine) disagreements.push({ index, step, actual });
  }
  await replayer.close();
  return disagreements;
}

/** Returns the disagreements as text for people. */
export function described(disagreements: readonly Disagreement[]): string {
  const lines = disagreements.map(({ index, step, actual }) => {
    const { note = '', connection, expect, frames, closed, ...sent } = step;
    const expected = JSON.stringify(expect ?? { frames, closed });
    return `step ${index} (${note}) on ${connection}\n  sent     ${JSON.stringify(sent)}\n  recorded ${expected}\n  received ${JSON.stringify(actual)}`;
  });
  return lines.join('\n');
}

interface Outcome {
  readonly isFine: boolean;
  readonly actual: unknown;
}

class Replayer {
  readonly #target: ReplayTarget;
  readonly #conversations = new Map<string, Conversation>();
  readonly #bindings: Bindings;
  #lastRequestId = 0;

  constructor(target: ReplayTarget) {
    this.#target = target;
    const unique = Math.random().toString(36).slice(2, 10);
    this.#bindings = new Bindings([
      ['login', target.login],
      ['password', target.password],
      ['unique:1', unique],
    ]);
  }

  async play(step: Step): Promise<Outcome> {
    if (step.open === true) {
      this.#conversations.set(step.connection, await Conversation.open(this.#target.url));
      return { isFine: true, actual: undefined };
    }
    const conversation = this.#conversations.get(step.connection);
    if (conversation === undefined) throw new Error(`${step.connection} is not open`);
    if (step.close === true) {
      await conversation.close();
      return { isFine: true, actual: undefined };
    }
    return step.send === undefined ? this.#playFrames(step, conversation) : this.#playRequest(step, conversation);
  }

  async close(): Promise<void> {
    for (const conversation of this.#conversations.values()) await conversation.close();
  }

  async #playRequest({ send = {}, expect }: Step, conversation: Conversation): Promise<Outcome> {
    conversation.takeAll();
    const isOwnId = 'requestId' in send;
    const requestId = isOwnId ? send['requestId'] : `replay-${++this.#lastRequestId}`;
    conversation.send(JSON.stringify({ ...(filled(send, this.#bindings) as object), requestId }));
    await conversation.settle();
    const reply = conversation.take((frame) => 'status' in frame && (isOwnId || frame['requestId'] === requestId));
    if (reply === undefined) return { isFine: expect === null, actual: null };
    this.#target.observe?.(reply);
    const { requestId: _requestId, ...rest } = reply;
    return this.#compare(expect, isOwnId ? reply : rest, 'sortField' in send);
  }

  async #playFrames(step: Step, conversation: Conversation): Promise<Outcome> {
    if (step.sendText !== undefined) conversation.send(String(filled(step.sendText, this.#bindings)));
    if (step.sendBinary !== undefined) conversation.send(Buffer.from(step.sendBinary));
    if (step.closed !== undefined) {
      const { frames, code } = await conversation.end();
      const outcome = this.#compare(step.frames, frames, false);
      return { isFine: outcome.isFine && code === step.closed, actual: { frames, closed: code } };
    }
    await conversation.settle();
    const frames = conversation.takeAll().filter((frame) => this.#isOurs(frame));
    for (const frame of frames) this.#target.observe?.(frame);
    return this.#compare(step.frames, frames, false);
  }

  /** Subscriptions to everything also receive events of other devices. */
  #isOurs(frame: Received): boolean {
    const resource = (frame['command'] ?? frame['notification']) as { deviceId?: unknown } | undefined;
    return typeof resource?.deviceId !== 'string' || resource.deviceId.includes(String(this.#bindings.get('unique:1')));
  }

  #compare(expected: unknown, actual: unknown, isOrdered: boolean): Outcome {
    return { isFine: agree(expected, actual, this.#bindings, { isOrdered }), actual };
  }
}
