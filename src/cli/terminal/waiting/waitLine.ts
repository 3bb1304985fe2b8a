import { fittingWords } from '../wrapping.ts';

/** The text of a wait, which may change; undefined while something else is drawn, such as a prompt. */
export type Doing = string | (() => string) | undefined;

/** Nothing is said of what takes no longer, in ms. */
const patienceMs = 1000;
const lookEveryMs = 250;
const clearLine = '\r\u001b[K';

/** Where the line is drawn. */
export interface WaitScreen {
  readonly columns: () => number;
  readonly write: (text: string) => void;
  /** Says something that stays, where no line can be drawn. */
  readonly say: (text: string) => void;
  /** False for terminals that cannot take a line back. */
  readonly canDraw: boolean;
}

interface Wait {
  readonly doing: Doing;
  readonly sinceMs: number;
  isSaid: boolean;
}

/**
 * One line at the bottom of a terminal with what is waited for and for how long: the last thing that has taken longer
 * than a second. Where something else is drawn, it is said once instead.
 */
export class WaitLine {
  readonly #screen: WaitScreen;
  readonly #waits = new Set<Wait>();
  #timer: NodeJS.Timeout | undefined;
  #drawn = '';

  constructor(screen: WaitScreen) {
    this.#screen = screen;
  }

  /** A wait begins; what is returned ends it. */
  begin(doing: Doing): () => void {
    const wait = { doing, sinceMs: performance.now(), isSaid: false };
    this.#waits.add(wait);
    if (doing === undefined) this.clear();
    this.#timer ??= setInterval(() => this.#look(), lookEveryMs).unref();
    return () => {
      if (!this.#waits.delete(wait)) return;
      this.clear();
      if (this.#waits.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Makes room for other text; the line comes back by itself. */
  clear(): void {
    if (this.#drawn === '') return;
    this.#drawn = '';
    this.#screen.write(clearLine);
  }

  #look(): void {
    const waits = [...this.#waits];
    const long = waits.findLast(
      ({ doing, sinceMs }) => doing !== undefined && performance.now() - sinceMs >= patienceMs,
    );
    if (long === undefined) return;
    const text = typeof long.doing === 'function' ? long.doing() : (long.doing ?? '');
    if (this.#screen.canDraw && waits.every(({ doing }) => doing !== undefined)) this.#draw(text, long.sinceMs);
    else if (!long.isSaid) {
      long.isSaid = true;
      this.#screen.say(text);
    }
  }

  #draw(text: string, sinceMs: number): void {
    const time = ` … ${Math.floor((performance.now() - sinceMs) / 1000)} s`;
    const line = `${fittingWords(text, this.#screen.columns() - time.length - 1)}${time}`;
    if (line === this.#drawn) return;
    this.#screen.write(`${clearLine}${line}`);
    this.#drawn = line;
  }
}
