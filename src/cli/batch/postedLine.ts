import type { Posting } from '../../client/index.ts';
import type { Frame, ReplyFrame } from '../../protocol/frames.ts';
import type { LineRequest } from './requestLine.ts';

/** Who hears what became of a line that was sent. */
export interface LineOwner {
  replied(line: PostedLine, reply: ReplyFrame, text: string): void;
  failed(line: PostedLine, error: unknown, wasSent: boolean): void;
}

/** A line on its way. */
export class PostedLine implements Posting {
  readonly #owner: LineOwner;
  readonly request: LineRequest;
  readonly line: number;
  /** Its place among the outcomes. */
  readonly slot: number;

  constructor(owner: LineOwner, request: LineRequest, line: number, slot: number) {
    this.#owner = owner;
    this.request = request;
    this.line = line;
    this.slot = slot;
  }

  get action(): string {
    return this.request.action;
  }

  get payload(): Frame {
    return this.request.frame;
  }

  get text(): string {
    return this.request.text;
  }

  get requestId(): unknown {
    return this.request.wireId;
  }

  onReply(reply: ReplyFrame, text: string): void {
    this.#owner.replied(this, reply, text);
  }

  onFailure(error: unknown, wasSent: boolean): void {
    this.#owner.failed(this, error, wasSent);
  }

  /** The reply with the line's own id in place of the one that went over the wire. */
  ownReply(reply: Frame): Frame {
    return this.#isRenamed ? { ...reply, requestId: this.request.frame['requestId'] } : reply;
  }

  /** The text of the reply, on one line. */
  ownText(reply: Frame, text: string): string {
    return this.#isRenamed || text.includes('\n') || text.includes('\r') ? JSON.stringify(this.ownReply(reply)) : text;
  }

  get #isRenamed(): boolean {
    return this.request.wireId === undefined && this.request.frame['requestId'] !== undefined;
  }
}
