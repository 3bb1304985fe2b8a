/** What many texts start with: it is in memory once, however many of them wait to be sent. */
export class SharedText {
  readonly bytes: Buffer;
  /** How many wait to send it. */
  waiting = 0;

  constructor(text: string) {
    this.bytes = Buffer.from(text);
  }
}
