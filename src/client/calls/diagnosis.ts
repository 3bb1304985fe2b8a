import { Failure } from '../../errors.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { nowMs } from '../clock.ts';
import type { AskServer } from '../lists/replies.ts';
import { someItems, type SomeItems } from '../lists/someItems.ts';
import type { Call } from './call.ts';
import { unknownCommand } from './failures.ts';
import { aboutServer, type Learnt } from './learnt.ts';
import type { Asking, ServerProbe } from './serverProbe.ts';

/** The parts of a session that the diagnosis uses. */
export interface Questioned extends Asking {
  isPending(call: Call): boolean;
  /** Ends a call that still waits. */
  conclude(call: Call, failure: Failure): void;
}

const listAction = 'command/list';
/** As many commands are looked through, where the message bus bears their list; of more nothing is known. */
const mostCommands = 100;
/** Answered questions are forgotten beyond this many devices. */
const maxDevices = 1000;

/** The answer to a question for a device's commands; its shape may be unknown. */
type ListAnswer = SomeItems | Failure | 'of unknown shape';

/** The question which commands a device has, and its answer. */
interface Probe {
  /** When it was asked first, by the monotonic clock. */
  readonly sentAtMs: number;
  readonly waiting: Set<Call>;
  /** Undefined as long as there is silence. */
  answer: ListAnswer | undefined;
  /** Nobody waits for it any more. */
  isOver: boolean;
}

interface SilentTarget {
  readonly deviceId: string;
  readonly commandId: number;
}

/**
 * Finds out why the server is silent. For an update it asks which commands the device has, once for all silent updates
 * of the device; for any other action, and when the list is not answered, it asks what of the server still answers.
 */
export class Diagnosis {
  readonly #session: Questioned;
  readonly #server: ServerProbe;
  readonly #lists = new Map<string, Probe>();

  constructor(session: Questioned, server: ServerProbe) {
    this.#session = session;
    this.#server = server;
  }

  /** A call has met silence for a while. A question that is not answered meets it too, and leads to the next one. */
  quiet(call: Call): void {
    const target = call.probes ? undefined : targetOf(call);
    if (target !== undefined) this.#askList(call, target);
    else if (!call.probes || call.action === listAction) this.#server.ask(call, this.#session);
  }

  /** Returns what was learnt about a call that was not answered. */
  learnt(call: Call): Learnt {
    const target = targetOf(call);
    const list = target === undefined ? undefined : this.#lists.get(target.deviceId);
    if (target === undefined || list === undefined) return aboutServer(this.#server);
    if (list.answer !== undefined) return { sentences: [aboutList(list.answer, call, target)] };
    const { sentences, ...rest } = aboutServer(this.#server);
    return {
      hint: provesNothing,
      ...rest,
      sentences: ['the list of the device was not answered either', ...sentences],
    };
  }

  #askList(call: Call, target: SilentTarget): void {
    const known = this.#lists.get(target.deviceId);
    if (known !== undefined && !known.isOver) {
      known.waiting.add(call);
    } else if (known !== undefined && known.sentAtMs >= call.sentAtMs) {
      this.#judge(call, known.answer);
    } else {
      this.#forgetOld();
      this.#lists.set(target.deviceId, this.#ask(target.deviceId, call));
    }
  }

  #ask(deviceId: string, call: Call): Probe {
    const probe: Probe = { sentAtMs: nowMs(), waiting: new Set([call]), answer: undefined, isOver: false };
    void this.#listOf(deviceId).then(
      (answer) => this.#answered(probe, answer),
      (error: unknown) => this.#answered(probe, error as Failure),
    );
    return probe;
  }

  async #listOf(deviceId: string): Promise<ListAnswer> {
    const strange: Frame[] = [];
    const ask: AskServer = async (action, payload) => {
      const { reply } = await this.#session.probe(action, payload).promise;
      if (!Array.isArray(reply['commands'])) strange.push(reply);
      return reply;
    };
    const some = await someItems(ask, listAction, { deviceId }, mostCommands);
    return strange.length === 0 ? some : 'of unknown shape';
  }

  /** A question that met silence itself proves nothing. */
  #answered(probe: Probe, answer: ListAnswer): void {
    const isSilence = answer instanceof Failure && answer.reply === undefined;
    if (!isSilence) probe.answer = answer;
    probe.isOver = true;
    const waiting = [...probe.waiting];
    probe.waiting.clear();
    for (const call of waiting) {
      const target = targetOf(call);
      if (target === undefined || !this.#session.isPending(call)) continue;
      if (probe.sentAtMs < call.sentAtMs) this.#askList(call, target);
      else this.#judge(call, probe.answer);
    }
  }

  /** Only a whole list that was asked for after the update proves that there is no such command. */
  #judge(call: Call, answer: Probe['answer']): void {
    const target = targetOf(call);
    if (target === undefined || !isSome(answer) || !answer.isWhole) return;
    if (find(answer, target.commandId) !== undefined) return;
    this.#session.conclude(call, unknownCommand(call, target.deviceId, target.commandId));
  }

  #forgetOld(): void {
    if (this.#lists.size < maxDevices) return;
    for (const [deviceId, { isOver }] of this.#lists) if (isOver) this.#lists.delete(deviceId);
  }
}

const provesNothing = 'That proves nothing about the ids. Check the server, or allow more time.';

function aboutList(answer: ListAnswer, call: Call, { deviceId, commandId }: SilentTarget): string {
  if (answer instanceof Failure) return `the list of device ${deviceId} was refused (${answer.message})`;
  if (!isSome(answer)) return `the list of device ${deviceId} has an unknown shape`;
  const found = find(answer, commandId);
  if (found === undefined) {
    return `device ${deviceId} has ${answer.items.length} commands or more, so its list does not show whether command ${commandId} is among them`;
  }
  if (call.payload['command'] === undefined)
    return 'the command exists, but DeviceHive is silent about an update without a command object';
  return `command ${commandId} of device ${deviceId} exists, with status ${JSON.stringify(found['status'] ?? null)}`;
}

function isSome(answer: ListAnswer | undefined): answer is SomeItems {
  return typeof answer === 'object' && !(answer instanceof Failure);
}

function find({ items }: SomeItems, commandId: number): Frame | undefined {
  return items.filter(isFrame).find((command) => command['id'] === commandId);
}

/** Device and command of an update, read as the server reads them (PROTOCOL.md 2.6, 4.12). */
function targetOf(call: Call): SilentTarget | undefined {
  if (call.action !== 'command/update') return undefined;
  const { deviceId, commandId } = call.payload;
  const id = typeof commandId === 'string' ? Number.parseInt(commandId, 10) : commandId;
  if (typeof deviceId !== 'string' || typeof id !== 'number' || !Number.isFinite(id)) return undefined;
  return { deviceId, commandId: Math.trunc(id) };
}
