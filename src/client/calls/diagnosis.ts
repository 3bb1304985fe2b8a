import { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import type { Call } from './call.ts';
import { unknownCommand } from './failures.ts';
import { aboutServer, type Learnt } from './learnt.ts';
import type { Asking, ServerProbe } from './serverProbe.ts';

/** What the diagnosis needs of a session. */
export interface Questioned extends Asking {
  isPending(call: Call): boolean;
  /** Ends a call that still waits. */
  conclude(call: Call, failure: Failure): void;
}

const listAction = 'command/list';
/** As many commands as the question asks for: a list this long may be cut. */
const fullList = 100;
/** Answered questions are forgotten beyond this many devices. */
const maxDevices = 1000;

/** A question and its answer. */
interface Probe {
  readonly call: Call;
  readonly waiting: Set<Call>;
  /** A reply, or the refusal that came in its place; undefined as long as there is silence. */
  answer: Frame | Failure | undefined;
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

  /** What was learnt about a call that was not answered. */
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
    } else if (known !== undefined && known.call.sentAtMs >= call.sentAtMs) {
      this.#judge(call, known.answer);
    } else {
      this.#forgetOld();
      const payload = { deviceId: target.deviceId, take: fullList };
      this.#lists.set(target.deviceId, this.#ask(listAction, payload, call));
    }
  }

  #ask(action: string, payload: Frame, call: Call): Probe {
    const question = this.#session.probe(action, payload);
    const probe: Probe = { call: question, waiting: new Set([call]), answer: undefined, isOver: false };
    void probe.call.promise.then(
      ({ reply }) => this.#answered(probe, reply),
      (error: unknown) => this.#answered(probe, error),
    );
    return probe;
  }

  /** A question that met silence itself proves nothing. */
  #answered(probe: Probe, answer: unknown): void {
    const isSilence = answer instanceof Failure && answer.reply === undefined;
    if (!isSilence) probe.answer = answer as Frame | Failure;
    probe.isOver = true;
    const waiting = [...probe.waiting];
    probe.waiting.clear();
    for (const call of waiting) {
      const target = targetOf(call);
      if (target === undefined || !this.#session.isPending(call)) continue;
      if (probe.call.sentAtMs < call.sentAtMs) this.#askList(call, target);
      else this.#judge(call, probe.answer);
    }
  }

  /** Only a list that was asked for after the update and is not full proves that there is no such command. */
  #judge(call: Call, answer: Probe['answer']): void {
    const target = targetOf(call);
    const commands = answer instanceof Failure ? undefined : answer?.['commands'];
    if (target === undefined || !Array.isArray(commands) || commands.length >= fullList) return;
    if (find(commands, target.commandId) !== undefined) return;
    this.#session.conclude(call, unknownCommand(call, target.deviceId, target.commandId));
  }

  #forgetOld(): void {
    if (this.#lists.size < maxDevices) return;
    for (const [deviceId, { isOver }] of this.#lists) if (isOver) this.#lists.delete(deviceId);
  }
}

const provesNothing = 'That proves nothing about the ids. Check the server, or allow more time.';

function aboutList(answer: Frame | Failure, call: Call, { deviceId, commandId }: SilentTarget): string {
  if (answer instanceof Failure) return `the list of device ${deviceId} was refused (${answer.message})`;
  const commands: unknown = answer['commands'];
  if (!Array.isArray(commands)) return `the list of device ${deviceId} has an unknown shape`;
  const found = find(commands, commandId);
  if (found === undefined) {
    return `device ${deviceId} has ${fullList} commands or more, so its list does not show whether command ${commandId} is among them`;
  }
  if (call.payload['command'] === undefined)
    return 'the command exists, but DeviceHive is silent about an update without a command object';
  return `command ${commandId} of device ${deviceId} exists, with status ${JSON.stringify(found['status'] ?? null)}`;
}

function find(commands: readonly unknown[], commandId: number): Frame | undefined {
  return (commands as readonly Frame[]).find((command) => command['id'] === commandId);
}

/** Device and command of an update, read as the server reads them (PROTOCOL.md 2.6, 4.12). */
function targetOf(call: Call): SilentTarget | undefined {
  if (call.action !== 'command/update') return undefined;
  const { deviceId, commandId } = call.payload;
  const id = typeof commandId === 'string' ? Number.parseInt(commandId, 10) : commandId;
  if (typeof deviceId !== 'string' || typeof id !== 'number' || !Number.isFinite(id)) return undefined;
  return { deviceId, commandId: Math.trunc(id) };
}
