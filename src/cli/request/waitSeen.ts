import { createHash } from 'node:crypto';
import { isFrame, type PushFrame } from '../../protocol/frames.ts';

/** Far more than a server keeps for one watcher in the 120 s of its memory. */
const mostRemembered = 100_000;

/**
 * Recognises pushes that came before: a command without a name is pushed twice, and a replay repeats live ones
 * (PROTOCOL.md 5.6, 7 Q16). A new command or notification is known by its id, an update by id and state, because two
 * updates may share a millisecond.
 */
export class SeenPushes {
  readonly #keys = new Set<string>();

  /** Remembers a push. Returns whether it is new; a push without an id always counts as new. */
  isNew(push: PushFrame): boolean {
    const key = keyOf(push);
    if (key === undefined) return true;
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    if (this.#keys.size > mostRemembered) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#keys;
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}

function keyOf(push: PushFrame): string | undefined {
  const resource = push['command'] ?? push['notification'];
  if (!isFrame(resource) || resource['id'] === undefined || resource['id'] === null) return undefined;
  const { id, lastUpdated, status, result } = resource;
  if (push.action !== 'command/update') return `${push.action} ${JSON.stringify(id)}`;
  return createHash('sha256')
    .update(JSON.stringify([id, lastUpdated, status, result]))
    .digest('base64');
}
