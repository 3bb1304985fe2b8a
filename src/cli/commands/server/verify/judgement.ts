import type { Closed } from '../../../../client/index.ts';
import { agree, differences, shownPattern } from '../../../../protocol/recordings/agreement.ts';
import type { Bindings } from '../../../../protocol/recordings/bindings.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import type { ScenarioStep, StepVerdict } from './scenario.ts';

export const agreed: StepVerdict = { kind: 'agree' };

/** Compares a reply, or its absence, with a step's expectation, and binds names in matching replies. */
export function judgedReply(
  { send = {}, expect, alternatives = [] }: ScenarioStep,
  reply: Frame | undefined,
  closed: Closed | undefined,
  bindings: Bindings,
): StepVerdict {
  if (reply === undefined) {
    const received = closed === undefined ? null : { closed };
    return { kind: 'differ', expected: shownPattern(expect, bindings), received, at: [] };
  }
  const received = 'requestId' in send ? reply : withoutId(reply);
  const options = { isOrdered: 'sortField' in send };
  const found = differences(expect, received, bindings, options);
  const isAsGood = (other: unknown) => agree(other, received, bindings, options);
  if (found.length === 0 || alternatives.some(isAsGood)) return agreed;
  return { kind: 'differ', expected: shownPattern(expect, bindings), received, at: found.map(({ at }) => at) };
}

function withoutId({ requestId: _requestId, ...rest }: Frame): Frame {
  return rest;
}

/** Compares pushes, and the end of the connection if it is expected, with a step's expectation. */
export function judgedFrames(
  { frames: expected = [], closed: code }: ScenarioStep,
  frames: readonly unknown[],
  closed: Closed | undefined,
  bindings: Bindings,
): StepVerdict {
  const found = differences(expected, frames, bindings, { isOrdered: false });
  const isEnd = code !== undefined || closed !== undefined;
  const isWrongEnd = closed?.code !== code && (code !== undefined || found.length > 0);
  if (found.length === 0 && !isWrongEnd) return agreed;
  const patterns = shownPattern(expected, bindings);
  return {
    kind: 'differ',
    expected: code === undefined ? patterns : { frames: patterns, closed: code },
    received: isEnd ? { frames, closed: closed ?? null } : frames,
    at: [...found.map(({ at }) => at || 'frames'), ...(isWrongEnd ? ['closed'] : [])],
  };
}
