/**
 * The two connections that will wait longest for a reply or push: two are enough to freeze a real server (PROTOCOL.md
 * 7, Q41). Times are ms since 1970.
 */
export class Dues {
  #longest: object | undefined = undefined;
  #longestUntilMs = -Infinity;
  #other: object | undefined = undefined;
  #otherUntilMs = -Infinity;

  /** Notes that a reply or push is due to this connection until `untilMs`. */
  note(line: object, untilMs: number): void {
    if (line === this.#longest) this.#longestUntilMs = Math.max(this.#longestUntilMs, untilMs);
    else if (untilMs >= this.#longestUntilMs) {
      this.#other = this.#longest;
      this.#otherUntilMs = this.#longestUntilMs;
      this.#longest = line;
      this.#longestUntilMs = untilMs;
    } else if (line === this.#other) this.#otherUntilMs = Math.max(this.#otherUntilMs, untilMs);
    else if (untilMs > this.#otherUntilMs) {
      this.#other = line;
      this.#otherUntilMs = untilMs;
    }
  }

  /** True if replies or pushes are due to two connections. */
  areTwo(nowMs: number): boolean {
    return this.#otherUntilMs > nowMs;
  }

  /** True if they would be due to two connections, were one due to this connection too. */
  wouldBeTwo(line: object, nowMs: number): boolean {
    const isOther = (due: object | undefined, untilMs: number) => due !== line && untilMs > nowMs;
    return isOther(this.#longest, this.#longestUntilMs) || isOther(this.#other, this.#otherUntilMs);
  }

  copy(): Dues {
    const copy = new Dues();
    if (this.#longest !== undefined) copy.note(this.#longest, this.#longestUntilMs);
    if (this.#other !== undefined) copy.note(this.#other, this.#otherUntilMs);
    return copy;
  }
}
