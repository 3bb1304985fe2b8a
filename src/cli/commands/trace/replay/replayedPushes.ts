import { agree, bindableIn, differences } from '../../../../protocol/recordings/agreement.ts';
import type { Bindings } from '../../../../protocol/recordings/bindings.ts';
import { isFrame, type Frame, type PushFrame } from '../../../../protocol/frames.ts';
import type { ReplayFinding } from '../finding.ts';
import type { PushMoment } from '../moments.ts';
import type { ReplayLines } from './replayLines.ts';
import type { Undone } from './undone.ts';

/** The state that pushes of a replay share with its requests. */
interface Shared {
  readonly lines: ReplayLines;
  readonly bindings: Bindings;
  readonly undone: Undone;
}

interface Unsure {
  readonly moment: PushMoment;
  readonly pattern: Frame;
}

/** The reason for skipping a comparison. */
export const uncaused = 'it tells of what was not sent, or was answered otherwise';

/** The recorded pushes, and those received in the replay. */
export class ReplayedPushes {
  readonly #shared: Shared;
  /** Pushes whose ids later replies may reveal; they are looked for then. */
  #unsure: Unsure[] = [];
  /** Names of ids and times whose replies did not come, or differed. */
  readonly #lost = new Set<string>();
  /** The devices of the recording: pushes about others are ignored. */
  readonly #devices = new Set<unknown>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  add(moment: PushMoment, pattern: Frame): void {
    this.#unsure.push({ moment, pattern });
    this.noteDevice(deviceOf(moment.frame));
  }

  /** Notes a device of the recording. */
  noteDevice(deviceId: unknown): void {
    this.#devices.add(deviceId);
  }

  /**
   * Notes that a reply did not come, so its ids are not awaited any more; those of list items, which other replies
   * reveal too, still are.
   */
  lose(pattern: Frame): void {
    if (Object.values(pattern).some(Array.isArray)) return;
    for (const name of bindableIn(pattern, this.#shared.bindings)) this.#lost.add(name);
  }

  /** True if a reply depends on an id or time whose own reply did not come. */
  tellsOfLost(pattern: Frame): boolean {
    return bindableIn(pattern, this.#shared.bindings).some((name) => this.#lost.has(name));
  }

  /** True if a waiting push may reveal one of these ids or times. */
  mayBind(names: readonly string[]): boolean {
    return names.some((name) => !this.#lost.has(name));
  }

  /** Looks for recorded pushes with known ids, and for the oldest others beyond `keep`. */
  async *settle(keep: number): AsyncGenerator<ReplayFinding, void> {
    let excess = this.#unsure.length - keep;
    for (const unsure of this.#unsure.splice(0)) {
      const { moment, pattern } = unsure;
      const unbound = bindableIn(pattern, this.#shared.bindings);
      if (this.#isUncaused(moment.frame, unbound)) yield { ...placeOf(moment), outcome: 'skipped', reason: uncaused };
      else if (unbound.length === 0 || excess-- > 0) yield await this.#find(moment, pattern);
      else this.#unsure.push(unsure);
    }
  }

  /** Reports pushes that a connection received and the recording lacks, if they are about the recording's devices. */
  async *close(connection: number): AsyncGenerator<ReplayFinding, void> {
    const line = this.#shared.lines.get(connection);
    if (line === undefined) return;
    yield* this.settle(0);
    await this.#shared.lines.close(connection);
    for (let push = line.takePush(() => true); push !== undefined; push = line.takePush(() => true)) {
      const isOurs = this.#devices.has(deviceOf(push));
      if (isOurs) yield { kind: 'push', outcome: 'unexpected', action: push.action, actual: push };
    }
  }

  #isUncaused(frame: PushFrame, unbound: readonly string[]): boolean {
    if (unbound.some((name) => this.#lost.has(name))) return true;
    const command = frame.action === 'command/update' ? frame['command'] : undefined;
    return isFrame(command) && this.#shared.undone.hasCommand(command['id']);
  }

  async #find(moment: PushMoment, pattern: Frame): Promise<ReplayFinding> {
    const { frame, connection } = moment;
    const { bindings, lines } = this.#shared;
    const line = await lines.of(connection);
    const push = placeOf(moment);
    const isThis = (other: PushFrame) => agree(pattern, other, bindings, { isOrdered: true });
    if ((await line.push(isThis)) !== undefined) return { ...push, outcome: 'agrees' };
    const received = line.takePush((other) => other.action === frame.action);
    if (received === undefined) return { ...push, outcome: 'missing', expected: frame };
    const mark = bindings.mark();
    const found = differences(pattern, received, bindings, { isOrdered: true });
    bindings.undo(mark);
    return { ...push, outcome: 'differs', differences: found, expected: frame, actual: received };
  }
}

function placeOf({ line, frame }: PushMoment): Pick<ReplayFinding, 'kind' | 'line' | 'action'> {
  return { kind: 'push', line, action: frame.action };
}

function deviceOf(push: PushFrame): unknown {
  const resource = push['command'] ?? push['notification'];
  return isFrame(resource) ? resource['deviceId'] : undefined;
}
