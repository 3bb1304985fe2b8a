import type { Closed } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { RunningServer } from '../../../server/index.ts';
import { authLogin } from '../auth/login.ts';
import { loginPlace } from '../auth/loginTarget.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import { LazyConversation, startEmbedded } from '../../target/conversation.ts';
import { noToken } from '../../target/noToken.ts';
import type { Context } from '../../target/context.ts';
import type { Io } from '../../terminal/io.ts';
import { AnswerTrail } from '../../terminal/prompts/answerTrail.ts';
import type { Prompter } from '../../terminal/prompts/prompter.ts';
import { failureText } from '../../printing/failureReport.ts';
import { safeLine } from '../../terminal/safeText.ts';
import { errText } from '../../terminal/wrapping.ts';
import { confirmServer } from '../../target/projectServer.ts';
import { tokenIn } from '../../flags/secretText.ts';
import { noServer, targetOf } from '../../target/settings.ts';
import { shownUrl } from '../../target/serverUrl.ts';
import type { CommonValues, UrlTarget } from '../../target/serverName.ts';
import { askForWay, type NextWay } from './ways.ts';

/** The question which server to use, with its answers so far. */
class ServerQuestion {
  readonly failure: Failure | undefined;
  readonly hasServer: boolean;
  readonly trail = new AnswerTrail();

  constructor(failure: Failure | undefined, hasServer: boolean) {
    this.failure = failure;
    this.hasServer = hasServer;
  }
}

/** The server of the session, and the one connection to it. */
export class InteractiveSession implements AsyncDisposable {
  readonly #context: Context;
  readonly #prompter: Prompter;
  readonly #io: Io;
  #given: CommonValues;
  #target: UrlTarget | undefined;
  #embedded: RunningServer | undefined;
  #accessToken: string | undefined;
  #isAnonymous = false;
  #conversation: LazyConversation | undefined;
  #lost = new AbortController();
  /** The question whose answer is the server being tried. */
  #asked: ServerQuestion | undefined;

  constructor(context: Context, prompter: Prompter) {
    this.#context = context;
    this.#given = context.values;
    this.#prompter = prompter;
    this.#io = context.io;
  }

  /** The given flags, with the chosen server in place of flags that name one. */
  get values(): CommonValues {
    return this.#target === undefined ? this.#given : { ...this.#given, chosen: this.#target };
  }

  /** The context of the session's commands, with the chosen server in place of the one in the flags. */
  get context(): Context {
    return { ...this.#context, values: this.values };
  }

  /** The words of flags with the same effect outside of this session; a token is replaced by a file. */
  get words(): string[] {
    const { token: _token, chosen: _chosen, ...flags } = this.#given;
    const file = this.#accessToken === undefined ? {} : { tokenFile: 'FILE' };
    return Object.entries({ ...flags, ...file }).flatMap(([name, value]) => {
      const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`];
      return [value].flat().flatMap((each) => [`--${flag}`, flag === 'url' ? withoutUrlSecrets(each) : each]);
    });
  }

  /** Undefined while there is no connection. */
  get conversation(): LazyConversation | undefined {
    return this.#conversation;
  }

  /** Aborted when the connection is lost; undefined without a connection. */
  get lost(): AbortSignal | undefined {
    return this.#conversation === undefined ? undefined : this.#lost.signal;
  }

  /** Resolves with a sentence as soon as the connection is lost. */
  get news(): Promise<string> {
    const { signal } = this.#lost;
    const text = () => `${this.#lossText()}; it can be made again before anything is sent`;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(text()), { once: true }));
  }

  /** Connects. If that fails, asks how to go on. Returns false if the person prefers to leave. */
  async connect(): Promise<boolean> {
    for (let failure = await this.#tryToConnect(); failure !== undefined; failure = await this.#tryToConnect()) {
      // the choices follow at once
      if (failure.message === noServer) this.#io.err(`${safeLine(failure.message)}\n`);
      else this.tell(failure, 'devicehive');
      if ((await this.#goOn(failure)) === 'quit') return false;
    }
    this.#asked = undefined;
    return true;
  }

  /** Reports that the connection was lost and offers to make it again. */
  async reconnect(): Promise<'connected' | 'offline' | 'quit'> {
    if (this.#lost.signal.aborted) this.#io.err(`${safeLine(this.#lossText())}\n`);
    const isWanted = await this.#prompter.orBack(() => this.#prompter.confirm('Connect again?', true));
    if (isWanted === undefined) return 'offline';
    await this.#drop();
    if (!isWanted) return 'offline';
    return (await this.connect()) ? 'connected' : 'quit';
  }

  /** True if requests can be sent; also with `--dry-run`, which sends none. */
  get isConnected(): boolean {
    return this.#given.dryRun === true || (this.#conversation !== undefined && !this.#lost.signal.aborted);
  }

  /** Lets the person choose another server; Esc goes back and keeps the server. */
  async change(failure?: Failure): Promise<'changed' | 'back' | 'quit'> {
    const asked = new ServerQuestion(failure, this.#target !== undefined);
    const went = await this.#choose(asked);
    if (went !== 'on') return went;
    this.#asked = asked;
    return (await this.connect()) ? 'changed' : 'quit';
  }

  /** Reports a failure as the equivalent command line would. */
  tell(failure: Failure, command: string): void {
    this.#io.err(errText(failureText(failure, command), this.#io));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#drop();
    await this.#embedded?.close();
  }

  /** Tries once. Returns the failure, or undefined. */
  async #tryToConnect(): Promise<Failure | undefined> {
    try {
      await this.#connect();
      return undefined;
    } catch (error) {
      if (error instanceof Failure && error.kind !== 'interrupted') return error;
      throw error;
    }
  }

  async #connect(): Promise<void> {
    this.#target = undefined;
    const target = await this.#chosenTarget();
    this.#target = target;
    const conversation = new LazyConversation('maybe', this.context);
    if (this.values.dryRun === true) return void (this.#conversation = conversation);
    if (target.credentials === undefined && !this.#isAnonymous) throw noToken(target, this.#io);
    const { connection } = await conversation.open();
    const lost = new AbortController();
    this.#lost = lost;
    this.#conversation = conversation;
    void connection.closed.then((closed) => (this.#conversation === conversation ? lost.abort(closed) : undefined));
    this.#target = { ...target, url: connection.url };
    this.#io.note(`server: ${connection.url}${target.from === 'embedded' ? ' (inside this process)' : ''}`);
  }

  async #chosenTarget(): Promise<UrlTarget> {
    const target = await targetOf({ io: this.#io, values: this.#given });
    const { token, ...rest } = this.#given;
    if (token !== undefined) {
      // so that the warning about it comes only once
      this.#accessToken = target.credentials?.accessToken;
      this.#given = rest;
    }
    const own = this.#accessToken === undefined ? undefined : { accessToken: this.#accessToken, at: 'a prompt' };
    const credentials = this.#isAnonymous ? undefined : (own ?? target.credentials);
    if (own !== undefined && target.kind === 'url') {
      await confirmServer({ io: this.#io, values: { ...this.#given, chosen: target } });
    }
    if (target.kind === 'url') return { ...target, credentials };
    const server = (this.#embedded ??= await startEmbedded({ io: this.#io, values: this.#given }));
    const { url, accessToken, refreshToken } = server;
    const itsOwn = { accessToken, refreshToken, at: '--embedded' };
    return { kind: 'url', url, from: 'embedded', credentials: credentials ?? itsOwn };
  }

  /** Asks how to go on; Esc goes back to the previous question, if there is one. */
  async #goOn(failure: Failure): Promise<'on' | 'quit'> {
    let asked = new ServerQuestion(failure, this.#target !== undefined);
    for (;;) {
      const went = await this.#choose(asked);
      if (went === 'quit') return went;
      if (went === 'on') {
        this.#asked = asked;
        return went;
      }
      asked = this.#asked ?? asked;
      this.#asked = undefined;
      asked.trail.goBack();
    }
  }

  /** Asks which server to use until the answers are complete, a login included. */
  async #choose({ failure, hasServer, trail }: ServerQuestion): Promise<'on' | 'back' | 'quit'> {
    for (;;) {
      const ask = () => askForWay(this.#prompter, failure, hasServer, this.#io);
      const way = await this.#prompter.orBack(ask, trail);
      if (way === undefined) return 'back';
      if (way.kind === 'quit') return 'quit';
      if (way.kind !== 'again') await this.#drop();
      if (await this.#take(way)) return 'on';
      trail.goBack();
    }
  }

  /** Takes an answer, and asks for the token or login it needs. Returns false if the person goes back from those. */
  async #take(way: NextWay): Promise<boolean> {
    if (way.kind === 'again') return true;
    const { token: _token, tokenFile: _file, ...untold } = this.#given;
    this.#given = untold;
    this.#accessToken = undefined;
    this.#isAnonymous = way.kind === 'anonymous';
    if (way.kind === 'token') {
      const check = (text: string) => Promise.resolve(tokenProblem(text));
      const text = await this.#prompter.orBack(() => this.#prompter.secret('Access token', check));
      if (text === undefined) return false;
      this.#accessToken = tokenIn(text).token;
    }
    if (way.kind === 'server') {
      const { url: _url, context: _context, embedded: _embedded, ...shaped } = this.#given;
      const { seed: _seed, answerAll: _answerAll, demo: _demo, ...others } = shaped;
      const { strict: _strict, latency: _latency, allowHost: _host, allowOrigin: _origin, ...rest } = others;
      this.#given = { ...(way.flags.embedded === true ? shaped : rest), ...way.flags };
    }
    return way.kind === 'login' || (way.kind === 'server' && way.login) ? this.#logIn() : true;
  }

  /** Logs in; the session then uses the context with the tokens. Returns false if the person goes back. */
  async #logIn(): Promise<boolean> {
    // a server that only a project file names is to be confirmed, and gets nothing of the environment's
    const known = this.#target?.from === 'project' ? undefined : this.#target?.url;
    const { url = known, ...rest } = this.#given;
    const given = rest.context === undefined && url !== undefined ? { ...rest, url } : rest;
    try {
      const { context } = loginPlace({ io: this.#io, values: given });
      const logIn = async () => {
        await authLogin({ io: this.#io, values: given });
        return true;
      };
      if ((await this.#prompter.orBack(logIn)) === undefined) return false;
      this.#given = { ...rest, context: context.name };
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
      this.tell(error, 'devicehive auth login');
    }
    return true;
  }

  async #drop(): Promise<void> {
    const last = this.#conversation;
    this.#conversation = undefined;
    await last?.[Symbol.asyncDispose]();
  }

  #lossText(): string {
    const { code, reason } = this.#lost.signal.reason as Closed;
    return `the connection to ${shownUrl(this.#target?.url ?? '')} was lost (close code ${code}${reason === '' ? '' : `: ${reason}`})`;
  }
}

/** Returns what is wrong with a typed token, or undefined. */
function tokenProblem(text: string): string | undefined {
  try {
    tokenIn(text);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
