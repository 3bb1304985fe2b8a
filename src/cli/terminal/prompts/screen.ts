import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

/** How inquirer clears what it drew last: down to its end, then line by line up to its begin. */
const clearing = /^(?:\u001b\[\d+B)?(?:\u001b\[2K\u001b\[1A)*\u001b\[2K\u001b\[G/;

/** How inquirer ends what it draws: the cursor goes back up to the line that is typed in, and to its column. */
const ending = /(?:\u001b\[(\d+)A)?\u001b\[(\d+)G$/;

/** Where the cursor stands in what was drawn last. */
interface Drawn {
  /** The lines above the one with the cursor, as text. */
  readonly above: readonly string[];
  readonly column: number;
}

/**
 * Stderr, as prompts write to it. When the terminal's width changes, what stands there is wrapped anew, and inquirer
 * would clear too few lines, or too many: so it is cleared here, by how many lines it takes now, and the prompt draws
 * itself again.
 */
export class PromptScreen extends Writable {
  /** Tells streams that are piped here to leave it open. */
  readonly _isStdio = true;
  readonly isTTY = true;
  readonly #stderr = process.stderr;
  #drawn: Drawn = { above: [], column: 1 };
  #isClear = false;

  constructor() {
    super({ decodeStrings: false });
    this.#stderr.on('resize', this.#onResize);
  }

  get columns(): number {
    return this.#stderr.columns || 80;
  }

  get rows(): number {
    return this.#stderr.rows || 24;
  }

  override _write(text: string, _encoding: string, done: () => void): void {
    const end = ending.exec(text);
    const isDrawing = end !== null && end.index > 0;
    const shown = isDrawing && this.#isClear ? text.replace(clearing, '') : text;
    if (isDrawing) {
      this.#isClear = false;
      const lines = stripVTControlCharacters(text.replace(clearing, '')).split('\n');
      this.#drawn = { above: lines.slice(0, lines.length - 1 - Number(end[1] ?? 0)), column: Number(end[2]) };
    } else if (end !== null) this.#drawn = { ...this.#drawn, column: Number(end[2]) };
    this.#stderr.write(shown);
    done();
  }

  /** Says something above the open prompt. */
  aside(say: () => void): void {
    const isDrawn = this.listenerCount('redraw') > 0;
    if (isDrawn) this.#clear();
    say();
    if (isDrawn) this.emit('redraw');
  }

  readonly #onResize = (): void => this.aside(() => undefined);

  #clear(): void {
    const rowsOf = (length: number) => Math.max(1, Math.ceil(length / this.columns));
    const up = this.#drawn.above.reduce((sum, line) => sum + rowsOf(line.length), 0) + rowsOf(this.#drawn.column) - 1;
    this.#stderr.write(`${up > 0 ? `\u001b[${up}A` : ''}\r\u001b[J`);
    this.#isClear = true;
  }
}
