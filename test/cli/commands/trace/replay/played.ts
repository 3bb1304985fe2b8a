import { Replay, type ReplayOptions } from '../../../../../src/cli/commands/trace/replay/playback.ts';
import { replayPlan } from '../../../../../src/cli/commands/trace/replay/replayPlan.ts';
import type { ReplayFinding } from '../../../../../src/cli/commands/trace/finding.ts';
import { connect } from '../../../../../src/client/index.ts';
import type { Frame } from '../../../../../src/protocol/frames.ts';
import { fakeServer, type Answer } from '../../../../helpers/fakeServer.ts';
import { received, type Entry } from '../../../../helpers/traces.ts';
import { listOf, momentsOf } from '../recording.ts';

const everything = { allowAdmin: true, allowLarge: true };

/** The result of a replay. */
export interface Played {
  readonly findings: readonly ReplayFinding[];
  /** Outcome and action of each step, in short. */
  readonly told: readonly string[];
  /** The requests that the server received, without their ids. */
  readonly requests: readonly Frame[];
}

/** Replays a recording against a scripted server. */
export async function played(
  entries: readonly Entry[],
  script: Record<string, Answer>,
  options: Partial<ReplayOptions> & { readonly silenceMs?: number } = {},
): Promise<Played> {
  await using server = await fakeServer(script);
  const { silenceMs = 0, timeoutMs = 20_000, ...rest } = options;
  const recording = () => momentsOf(entries, silenceMs);
  const replay = new Replay(await replayPlan(recording(), everything), {
    timeoutMs,
    speed: undefined,
    token: () => 'mine',
    ownUserId: 1,
    signal: new AbortController().signal,
    open: (isAuthenticated) =>
      connect({
        url: server.url,
        timeoutMs,
        probe: false,
        ...(isAuthenticated ? { credentials: { accessToken: 'mine' } } : {}),
      }),
    ...rest,
  });
  const findings = await listOf(replay.run(recording()));
  const told = findings.map(({ kind, outcome, action }) => `${outcome} ${kind === 'push' ? 'push ' : ''}${action}`);
  return { findings, told, requests: server.requests.map(({ requestId: _requestId, ...request }) => request) };
}

/** Returns a success reply. */
export function reply(requestId: number, action: string, fields: Frame = {}, connection = 1): Entry {
  return received({ action, requestId, status: 'success', ...fields }, connection);
}
