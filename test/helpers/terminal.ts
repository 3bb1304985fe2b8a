import { stripVTControlCharacters } from 'node:util';
import { spawn, type IPty } from '@lydell/node-pty';
import headless from '@xterm/headless';
import { bin, type Home, type RunOptions } from './cli.ts';
import { assertHarms, harmsIn } from './harms.ts';

/** How long a test waits for output that never comes. */
const limitMs = 20_000;

/** The characters that keys send. */
export const keys = {
  enter: '\r',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
  backspace: '\u007f',
  tab: '\t',
  escape: '\u001b',
  up: '\u001b[A',
  down: '\u001b[B',
} as const;

/** The initial size of the terminal. */
const firstSize = { cols: 100, rows: 40 };

/** A program in a pseudo-terminal: tests type as a person would, and read what a person sees. */
export class Terminal implements Disposable {
  readonly #pty: IPty;
  #raw = '';
  /** The history of the screen: text written, and new sizes. */
  readonly #events: (string | typeof firstSize)[] = [];
  #mark = 0;
  #waiting: (() => void) | undefined;
  readonly #exit: Promise<number>;
  #hasEnded = false;

  private constructor(pty: IPty) {
    this.#pty = pty;
    pty.onData((text) => {
      this.#raw += text;
      this.#events.push(text);
      this.#waiting?.();
    });
    this.#exit = new Promise((resolve) => {
      pty.onExit(({ exitCode }) => {
        this.#hasEnded = true;
        resolve(exitCode);
        this.#waiting?.();
      });
    });
  }

  /** Starts the built program in a terminal of 100 columns. */
  static start(home: Home, args: readonly string[], options: RunOptions = {}): Terminal {
    return Terminal.#spawn(home, process.execPath, [bin, ...args], options);
  }

  /** Starts a shell script; `"$@"` in it is the program with these arguments. */
  static script(home: Home, script: string, args: readonly string[], options: RunOptions = {}): Terminal {
    return Terminal.#spawn(home, '/bin/sh', ['-c', script, 'sh', process.execPath, bin, ...args], options);
  }

  static #spawn(home: Home, file: string, args: string[], { env = {}, cwd = home.work }: RunOptions): Terminal {
    const given = Object.entries({ ...home.env(), ...env }).filter(([, value]) => value !== undefined);
    return new Terminal(
      spawn(file, args, {
        name: env['TERM'] ?? 'xterm-256color',
        ...firstSize,
        cwd,
        env: Object.fromEntries(given),
      }),
    );
  }

  /** Everything written to the terminal, control sequences included. */
  get raw(): string {
    return this.#raw;
  }

  /** Everything written to the terminal, as plain text. */
  get text(): string {
    return stripVTControlCharacters(this.#raw).replaceAll('\r\n', '\n');
  }

  /** Sends keys as a keyboard does. */
  type(...pressed: readonly string[]): void {
    this.#pty.write(pressed.join(''));
  }

  /** Changes the size of the terminal. */
  resize(cols: number, rows = firstSize.rows): void {
    this.#events.push({ cols, rows });
    this.#pty.resize(cols, rows);
  }

  /** Returns the lines that a person sees, as drawn by a terminal that re-wraps lines when it is resized. */
  async screen(): Promise<string> {
    const screen = new headless.Terminal({ ...firstSize, allowProposedApi: true });
    for (const event of this.#events) {
      if (typeof event === 'string') await new Promise<void>((resolve) => screen.write(event, resolve));
      else screen.resize(event.cols, event.rows);
    }
    const { active } = screen.buffer;
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '');
    screen.dispose();
    return lines.join('\n').trimEnd();
  }

  /** Waits for text after the last match. Rejects, showing the screen, if the program ends or the time is up before. */
  async waitFor(pattern: RegExp): Promise<void> {
    const found = () => pattern.exec(this.text.slice(this.#mark));
    await this.#until(() => found() !== null || this.#hasEnded, `for ${pattern.source}`);
    const match = found();
    if (match === null) throw new Error(`the program ended without ${pattern.source}:\n${this.text}`);
    this.#mark += match.index + match[0].length;
  }

  /** Resolves with the exit code once the program has ended and all its output has arrived. */
  async ended(): Promise<number> {
    await this.#until(() => this.#hasEnded, 'for its end');
    assertHarms(harmsIn(this.text), {}, this.text);
    return this.#exit;
  }

  async #until(isMet: () => boolean, what: string): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const check = () => {
          if (isMet()) resolve();
        };
        limit = setTimeout(() => reject(new Error(`waited in vain ${what}:\n${this.text}`)), limitMs);
        this.#waiting = check;
        check();
      });
    } finally {
      clearTimeout(limit);
      this.#waiting = undefined;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#hasEnded) this.#pty.kill('SIGKILL');
  }
}
