import type { Posting } from '../../../client/index.ts';
import type { Frame, ReplyFrame } from '../../../protocol/frames.ts';
import type { LineRequest } from './input/requestLine.ts';

/** Hears what became of a line that was sent. */
export interface LineOwner {
  replied(line: PostedLine, reply: ReplyFrame, text: string): void;
  failed(line: PostedLine, error: unknown, wasSent: boolean): void;
}

/** The part of a line that is sent; of its frame only the line's own id counts. */
type Sendable = Pick<LineRequest, 'action' | 'frame' | 'text' | 'wireId'> & {
  readonly known: { readonly isRepeatable: boolean };
};

/**
 * A line on its way. It keeps only the request's text, which is parsed again in the rare case that fields are needed.
 */
export class PostedLine implements Posting {
  readonly #owner: LineOwner;
  readonly action: string;
  readonly text: string;
  readonly requestId: unknown;
  /** True if it may be sent again after it was sent. */
  readonly isRepeatable: boolean;
  readonly line: number;
  /** Its place among the outcomes. */
  readonly slot: number;
  /** The line's own id, if another one is sent in its place. */
  readonly #ownId: unknown;

  constructor(owner: LineOwner, request: Sendable, line: number, slot: number) {
    this.#owner = owner;
    this.action = request.action;
    this.text = request.text;
    this.requestId = request.wireId;
    this.isRepeatable = request.known.isRepeatable;
    this.#ownId = request.wireId === undefined ? request.frame['requestId'] : undefined;
    this.line = line;
    this.slot = slot;
  }

  /** Returns the same line for an id chosen by the client, because its own id is in use. */
  renumbered(): PostedLine {
    const { requestId, ...frame } = this.payload;
    const { action, isRepeatable } = this;
    const known = { isRepeatable };
    const request = { action, known, frame: { requestId }, text: JSON.stringify(frame), wireId: undefined };
    return new PostedLine(this.#owner, request, this.line, this.slot);
  }

  get payload(): Frame {
    return JSON.parse(this.text) as Frame;
  }

  onReply(reply: ReplyFrame, text: string): void {
    this.#owner.replied(this, reply, text);
  }

  onFailure(error: unknown, wasSent: boolean): void {
    this.#owner.failed(this, error, wasSent);
  }

  /** The reply with the line's own id in place of the one that went over the wire. */
  ownReply(reply: Frame): Frame {
    return this.#ownId === undefined ? reply : { ...reply, requestId: this.#ownId };
  }

  /** The text of the reply, on one line. */
  ownText(reply: Frame, text: string): string {
    const isAsItCame = this.#ownId === undefined && !text.includes('\n') && !text.includes('\r');
    return isAsItCame ? text : JSON.stringify(this.ownReply(reply));
  }
}
