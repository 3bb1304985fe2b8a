import { isDeeperThan, maxDepth } from '../../../protocol/depth.ts';
import { isFrame, type Frame } from '../../../protocol/frames.ts';
import { isSecretName, lengthOf, mask, redactFrame, redactText } from '../../../protocol/redaction.ts';
import { Secrets } from '../../../protocol/secrets.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import type { TraceMoment } from './moments.ts';

/** Removes secrets from printed recordings: those of other programs may not have hidden them. */
export class TraceSecrets {
  readonly #secrets = new Secrets();

  /** Passes moments on and notes the secrets in them, because later texts may repeat those. */
  async *noting(moments: AsyncIterable<TraceMoment, void>): AsyncGenerator<TraceMoment, void> {
    for await (const moment of moments) {
      if ('frame' in moment && !isDeeperThan(moment.frame, maxDepth)) this.#secrets.note(moment.frame);
      yield moment;
    }
  }

  /** Returns a record without secrets. */
  redacted(record: Frame): Frame {
    const fields = Object.entries(record).map(([name, field]): [string, unknown] => [name, fieldOf(name, field)]);
    return this.#secrets.hideIn(redactFrame(Object.fromEntries(fields)));
  }
}

function fieldOf(name: string, field: unknown): unknown {
  if (isDeeperThan(field, maxDepth)) return lengthOf(JSON.stringify(field));
  if (name === 'differences' && Array.isArray(field)) return field.map(differenceOf);
  if (typeof field !== 'string') return field;
  return name === 'url' ? withoutUrlSecrets(field) : redactText(field);
}

/** Redacts a difference, which names its field by a path: `request.user.password`. */
function differenceOf(difference: unknown): unknown {
  if (!isFrame(difference)) return difference;
  const { at, expected, actual } = difference;
  const name = String(at).split('.').at(-1) ?? '';
  if (!isSecretName(name)) return difference;
  const hidden = (value: unknown) => (typeof value === 'string' ? mask : value);
  return { ...difference, expected: hidden(expected), actual: hidden(actual) };
}
