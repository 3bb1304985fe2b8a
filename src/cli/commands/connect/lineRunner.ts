import { Failure } from '../../../errors.ts';
import type { Frame } from '../../../protocol/frames.ts';
import type { Print } from '../../printing/streamPrinter.ts';
import { failureText } from '../../printing/failureReport.ts';
import { subscribeWarning } from '../../request/subscribeWarning.ts';
import type { TargetContext } from '../../target/context.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { PipedLine } from './pipedLines.ts';
import type { KeptSession } from './session.ts';
import { readSessionLine, sessionWords, type SessionLine } from './sessionLine.ts';

/** Carries out the lines of a session, and prints the results. */
export class LineRunner {
  readonly session: KeptSession;
  readonly #print: Print<Frame>;
  readonly #context: TargetContext;
  /** How many lines were carried out, and how many of them failed. */
  lines = 0;
  failures = 0;

  constructor(session: KeptSession, print: Print<Frame>, context: TargetContext) {
    this.session = session;
    this.#print = print;
    this.#context = context;
  }

  /** Carries out a line; failures are reported, not thrown. Returns false for the line that ends the session. */
  async take(line: PipedLine): Promise<boolean> {
    try {
      if (line instanceof Failure) throw line;
      const typed = await readSessionLine(line, this.#context);
      if (typed === undefined) return true;
      if (typed.kind === 'quit') return false;
      await this.#carryOut(typed);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      await this.#failed(error);
    }
    this.lines++;
    return true;
  }

  /** Prints an error reply like any other; writes a failure without a reply to stderr. */
  async #failed(failure: Failure): Promise<void> {
    if (failure.kind === 'interrupted') return;
    this.failures++;
    if (failure.reply === undefined) this.#context.io.err(failureText(failure, 'devicehive'));
    else await this.#print(failure.reply);
  }

  #carryOut(typed: SessionLine): Promise<void> | void {
    switch (typed.kind) {
      case 'request':
        return this.#request(typed);
      case 'watch':
        return this.#watch(typed.devices);
      case 'unwatch':
        return this.#unwatch(typed.devices);
      case 'help':
        return this.#help();
      case 'quit':
    }
  }

  async #request({ action, payload, requestId }: Extract<SessionLine, { kind: 'request' }>): Promise<void> {
    const { io } = this.#context;
    if (action === 'command/subscribe' || action === 'notification/subscribe') {
      const warning = subscribeWarning(action, payload, this.session.conversation.token());
      if (warning !== undefined) io.warn(warning);
      return this.#print((await this.session.subscribe(action, payload, requestId)).reply);
    }
    const { subscriptionId } = payload;
    const isKept = ({ current }: { readonly current: { readonly subscriptionId: number } }) =>
      current.subscriptionId === subscriptionId;
    if (action.endsWith('/unsubscribe') && (await this.session.unsubscribe(isKept)) > 0)
      return io.note(`subscription ${cutText(String(subscriptionId))} has ended`);
    await this.#print((await this.session.request(action, payload, requestId)).reply);
  }

  async #watch(devices: readonly string[]): Promise<void> {
    for (const deviceId of new Set(devices)) {
      await this.session.subscribe('command/subscribe', { deviceId });
      await this.session.subscribe('command/subscribe', { deviceId, returnUpdatedCommands: true });
      await this.session.subscribe('notification/subscribe', { deviceId });
    }
    this.#context.io.note(`watching ${cutText(devices.join(', '))}`);
  }

  async #unwatch(devices: readonly string[]): Promise<void> {
    const isMeant = ({ payload: { deviceId } }: { readonly payload: Frame }) =>
      devices.length === 0 || devices.includes(String(deviceId));
    const count = await this.session.unsubscribe(isMeant);
    const whom = devices.length === 0 ? 'nothing more' : `${cutText(devices.join(', '))} no more`;
    this.#context.io.note(count === 0 ? 'nothing of that was watched' : `watching ${whom}`);
  }

  #help(): void {
    const words = Object.entries(sessionWords).map(([word, meaning]) => `  ${word.padEnd(10)}${meaning}\n`);
    this.#context.io.err(
      `A line is a command that sends one request (command update --id 42 --status done),\n` +
        `a frame as JSON ({"action": "server/info"}), or one of these:\n${words.join('')}`,
    );
  }
}
