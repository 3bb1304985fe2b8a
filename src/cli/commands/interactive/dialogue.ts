import { Chalk, type ChalkInstance } from 'chalk';
import { Failure } from '../../../errors.ts';
import type { ActionName } from '../../../protocol/schema.ts';
import { watch } from '../watch/watch.ts';
import { colorLevel } from '../../printing/color.ts';
import { durationProblem } from '../../terminal/durations.ts';
import { commandFlags } from '../../flags/fieldOptions.ts';
import type { Io } from '../../terminal/io.ts';
import { FieldPrompts, type Help } from '../../request/prompt.ts';
import { Unanswered, type PromptChoice, type Prompter } from '../../terminal/prompts/prompter.ts';
import { isListAction } from '../../request/requestCommand.ts';
import {
  askForMissing,
  askForSome,
  formFailure,
  formOf,
  judgeOf,
  payloadOf,
  type RequestForm,
} from '../../request/requestForm.ts';
import { safeText } from '../../terminal/safeText.ts';
import { sendOver } from '../../request/send.ts';
import type { Prepared } from '../../request/prepared.ts';
import { AnswerTrail } from '../../terminal/prompts/answerTrail.ts';
import { WatchIo } from '../../terminal/watchIo.ts';
import { isDeletion } from '../../request/deletion.ts';
import { suggestionsFor } from '../../request/suggestions.ts';
import { actionSearch, isSameItem, leftFirst, type LeftChoice, type MenuItem } from './actions.ts';
import { frameText, isSubscription, lineOf, watchValues, wordsOfAction, type RequestDraft } from './draft.ts';
import { UsedIds } from './memory.ts';
import type { InteractiveSession } from './session.ts';
import { toolLine, toolRun, type ToolName } from './tools.ts';

/** A step of the dialogue; each leads to the next. */
type DialogueStep =
  | { readonly kind: 'menu' | 'server' | 'quit' }
  /** Ask for the fields of an action; what was answered before is proposed again. */
  | { readonly kind: 'fill'; readonly form: RequestForm; readonly trail?: AnswerTrail; readonly isAnew?: boolean }
  | { readonly kind: 'tool'; readonly tool: ToolName; readonly trail?: AnswerTrail }
  | { readonly kind: 'confirm' | 'send'; readonly draft: RequestDraft }
  /** Ask how to go on after a request. */
  | { readonly kind: 'after'; readonly draft: RequestDraft; readonly outcome: 'done' | 'declined' | Failure };

/** How long a watch takes unless told otherwise. */
const usualWatch = '30s';

/**
 * The conversation with the person: an action, its fields, the frame, the reply, the command line that does the same,
 * again.
 */
export class Dialogue {
  readonly #session: InteractiveSession;
  readonly #prompter: Prompter;
  readonly #io: Io;
  readonly #chalk: ChalkInstance;
  #find: (typed: string) => PromptChoice<MenuItem>[] = () => [];
  /** The step that Esc leads to from the menu. */
  #before: DialogueStep = { kind: 'menu' };
  /** The menu choice and the answers that the person left with Esc. */
  #left: LeftChoice | undefined;
  readonly #memory = new UsedIds();

  constructor(session: InteractiveSession, prompter: Prompter) {
    const { context } = session;
    this.#session = session;
    this.#prompter = prompter;
    this.#io = context.io;
    this.#chalk = new Chalk({ level: colorLevel(context, context.io.stderrIsTerminal) });
  }

  /** Goes on until the person leaves. */
  async run(): Promise<void> {
    this.#find = await actionSearch();
    for (let step: DialogueStep = { kind: 'menu' }; step.kind !== 'quit';) step = await this.#next(step);
  }

  /** Runs a step. If the connection is lost meanwhile, offers to repeat the step over a new one. */
  async #next(step: DialogueStep): Promise<DialogueStep> {
    try {
      return await this.#take(step);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      return (await this.#session.reconnect()) === 'quit' ? { kind: 'quit' } : step;
    }
  }

  #take(step: DialogueStep): Promise<DialogueStep> | DialogueStep {
    switch (step.kind) {
      case 'menu':
        return this.#choose();
      case 'server':
        return this.#changeServer();
      case 'fill':
        return this.#fill(step.form, step.trail, step.isAnew);
      case 'tool':
        return this.#tool(step.tool, step.trail);
      case 'confirm':
        return this.#confirm(step.draft);
      case 'send':
        return this.#send(step.draft);
      case 'after':
        return this.#after(step.draft, step.outcome);
      case 'quit':
        return step;
    }
  }

  async #choose(): Promise<DialogueStep> {
    const options = { unless: this.#session.lost };
    const left = this.#left;
    this.#left = undefined;
    const find = leftFirst(this.#find, left?.item);
    const ask = () => this.#prompter.search<MenuItem>('What do you want to do? (type to search)', find, options);
    const item = await this.#prompter.orBack(ask);
    if (item === undefined) return this.#before;
    const kept = left !== undefined && isSameItem(left.item, item) ? { trail: left.trail } : {};
    if (item.kind !== 'action') return { ...item, ...kept };
    return { kind: 'fill', form: formOf(item.action, commandFlags(item.action)), ...kept, isAnew: true };
  }

  /** Lets the person choose another server. Esc goes back to the menu and keeps the server. */
  async #changeServer(failure?: Failure): Promise<DialogueStep> {
    return { kind: (await this.#session.change(failure)) === 'quit' ? 'quit' : 'menu' };
  }

  async #tool(tool: ToolName, trail = new AnswerTrail()): Promise<DialogueStep> {
    const chosen = await this.#prompter.orBack(() => toolRun(tool, this.#prompter), trail);
    if (chosen === undefined) return this.#backToMenu({ kind: 'tool', tool }, trail);
    const { context, words } = this.#session;
    const run = (io: Io) => chosen.run({ ...context, io });
    await this.#told(tool, () => (chosen.isStoppable ? this.#stoppable(run) : run(this.#io)));
    this.#tellLine(toolLine(chosen, words));
    return { kind: 'menu' };
  }

  /** Does work that Esc or q ends without a failure. */
  async #stoppable(work: (io: Io, stop: AbortSignal) => Promise<void>): Promise<void> {
    await this.#prompter.untilStopped(async (stop) => {
      const signal = AbortSignal.any([this.#io.signal, stop]);
      try {
        await work(new WatchIo(this.#io, signal, (text) => this.#io.out(text)), stop);
      } catch (error) {
        const isOver = stop.aborted && !this.#io.signal.aborted;
        if (!isOver || !(error instanceof Failure) || error.kind !== 'interrupted') throw error;
      }
    });
  }

  #backToMenu(item: MenuItem, trail: AnswerTrail): DialogueStep {
    this.#left = { item, trail };
    return { kind: 'menu' };
  }

  /** Asks for the fields. With a trail it goes on at its last question, unless it begins anew. */
  async #fill({ action, flags, values }: RequestForm, given?: AnswerTrail, isAnew = false): Promise<DialogueStep> {
    const trail = given ?? new AnswerTrail();
    const canGoOn = given === undefined || isAnew || given.goBack();
    const ask = () => this.#drafted(formOf(action, flags), values, trail);
    const draft = canGoOn ? await this.#prompter.orBack(ask, trail) : undefined;
    if (draft === undefined) return this.#backToMenu({ kind: 'action', action }, trail);
    // The token of authenticate is that of the session.
    const failure = action === 'authenticate' ? undefined : formFailure(draft.form);
    if (failure === undefined) return { kind: 'confirm', draft };
    this.#session.tell(failure, this.#command(action));
    return { kind: 'after', draft, outcome: failure };
  }

  async #drafted(form: RequestForm, before: RequestForm['values'], trail: AnswerTrail): Promise<RequestDraft> {
    const { action, flags } = form;
    const prompts = new FieldPrompts(this.#prompter, judgeOf(form), this.#help(before), this.#io);
    await askForMissing(form, prompts);
    const others = flags.filter((flag) => !form.values.has(flag));
    if (others.length > 0) await askForSome(await prompts.choose('Optional fields', others, false), form, prompts);
    const watchFor = isSubscription(action) ? await this.#askHowLong() : undefined;
    const waits =
      action === 'command/insert' &&
      (await this.#prompter.confirm('Wait for the answer of the device? (--wait)', false));
    return { form, trail, watchFor, waits };
  }

  #help(values: RequestForm['values']): Help {
    const { conversation, isConnected, news } = this.#session;
    const mayAsk = isConnected && this.#session.values.dryRun !== true;
    return {
      suggest: (flag, known) =>
        mayAsk && conversation !== undefined
          ? suggestionsFor(flag, known, (...question) => conversation.ask(...question))
          : undefined,
      defaultOf: (flag) => values.get(flag) ?? this.#memory.valueOf(flag),
      news,
    };
  }

  #askHowLong(): Promise<string> {
    return this.#prompter.line({
      message: 'Watch for how long? (--for)',
      default: usualWatch,
      check: (text) => Promise.resolve(durationProblem(text)),
      isCheckedTyping: () => false,
    });
  }

  async #confirm(draft: RequestDraft): Promise<DialogueStep> {
    this.#io.err(`\n${this.#chalk.cyan('frame:')} ${frameText(draft)}\n`);
    const { dryRun } = this.#session.values;
    const question =
      dryRun === true ? 'Print it, as --dry-run wants?' : draft.watchFor === undefined ? 'Send it?' : 'Watch?';
    const isWanted = await this.#prompter.orBack(() =>
      this.#prompter.confirm(question, !isDeletion(draft.form.action)),
    );
    if (isWanted === undefined) return { kind: 'fill', form: draft.form, trail: draft.trail };
    if (isWanted) return { kind: 'send', draft };
    this.#tellLine(lineOf(draft, this.#session.words));
    return { kind: 'after', draft, outcome: 'declined' };
  }

  async #send(draft: RequestDraft): Promise<DialogueStep> {
    if (!this.#session.isConnected) {
      const now = await this.#session.reconnect();
      if (now !== 'connected') return now === 'quit' ? { kind: 'quit' } : { kind: 'after', draft, outcome: 'declined' };
    }
    const { action } = draft.form;
    const failure = await this.#told(this.#command(action), () => this.#perform(draft));
    this.#tellLine(lineOf(draft, this.#session.words));
    return { kind: 'after', draft, outcome: failure ?? 'done' };
  }

  async #perform(draft: RequestDraft): Promise<void> {
    const { form } = draft;
    const { action } = form;
    const { conversation, context } = this.#session;
    if (isSubscription(action)) {
      const noun = action === 'command/subscribe' ? 'command' : 'notification';
      return this.#stoppable((io) =>
        watch(noun, { ...context, io, values: { ...context.values, ...watchValues(draft) } }, 'Esc, q or Ctrl-C'),
      );
    }
    if (conversation === undefined) throw new Error('a request is sent before there is a server');
    const payload = payloadOf(form);
    const isCut = isListAction(form.schema) && payload['take'] === undefined;
    const prepared = { ...context, action, payload, all: false, isCut };
    const send = async (request: Prepared) => {
      const reply = await sendOver(conversation, request);
      if (reply !== undefined) this.#memory.keep(action, form.values, reply);
    };
    if (!draft.waits) return send(prepared);
    const { timeoutMs } = context.settings;
    return this.#stoppable((_io, signal) => {
      const stop = { signal, keys: 'Esc or q' };
      return send({ ...prepared, wait: { status: undefined, failOn: [], timeoutMs, stop } });
    });
  }

  async #after(draft: RequestDraft, outcome: 'done' | 'declined' | Failure): Promise<DialogueStep> {
    const { form } = draft;
    const change: PromptChoice<DialogueStep> = { name: 'Change the values', value: { kind: 'fill', form } };
    const again: PromptChoice<DialogueStep> = {
      name: `Repeat ${this.#command(form.action)}`,
      value: { kind: 'confirm', draft },
    };
    const other: PromptChoice<DialogueStep> = { name: 'Another action', value: { kind: 'menu' } };
    const server: PromptChoice<DialogueStep> = { name: 'Log in, or use another server', value: { kind: 'server' } };
    const quit: PromptChoice<DialogueStep> = { name: 'Quit', value: { kind: 'quit' } };
    const failure = outcome instanceof Failure ? outcome : undefined;
    const first = outcome === 'done' ? [other, again, change] : [change, again, other];
    const choices = [...first, ...(failure?.kind === 'auth' ? [server] : []), quit];
    const options = { unless: this.#session.lost };
    const next = await this.#prompter.orBack(() => this.#prompter.select('What next?', choices, options));
    if (next === undefined) return { kind: 'fill', form, trail: draft.trail };
    this.#before = { kind: 'after', draft, outcome };
    return next.kind === 'server' ? this.#changeServer(failure) : next;
  }

  /** Does the work and reports its failure, if any. Returns that failure. */
  async #told(command: string, work: () => Promise<unknown>): Promise<Failure | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
      this.#session.tell(error, `devicehive ${command}`);
      return error;
    }
  }

  #command(action: ActionName): string {
    return (wordsOfAction(action) ?? ['request', action]).join(' ');
  }

  #tellLine(line: string): void {
    this.#io.err(`${this.#chalk.cyan('same as:')} ${safeText(line)}\n\n`);
  }
}
