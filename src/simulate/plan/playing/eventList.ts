import type { Plan, PlanClock, Shard } from '../model.ts';
import { Play } from './play.ts';
import type { PlayedCommand, PlayedEvent } from './playOptions.ts';
import { trafficOf } from './traffic.ts';

/** How many events are made, or steps without an event taken, before other work gets a turn. */
const chunkSize = 1000;
const mostSteps = 10_000;

/**
 * Yields all planned events of one shard's devices and its operators, in order of time and in chunks, with their
 * payloads, as if commands took no time to arrive. The shards' events together are those of the whole plan. Throws what
 * a behaviour module throws.
 */
export async function* plannedEvents(
  plan: Plan,
  shard: Shard,
  clock: PlanClock,
): AsyncGenerator<readonly PlayedEvent[], void, undefined> {
  let chunk: PlayedEvent[] = [];
  let steps = 0;
  let failure: Error | undefined;
  const play = new Play({
    plan,
    shard,
    clock,
    ...(plan.traffic.length === 0 ? {} : { commands: commandsOf(plan, shard, clock) }),
    tell: (event) => {
      if (event.kind !== 'report') chunk.push(event);
    },
    fail: (error) => (failure ??= error),
  });
  const endMs = plan.load.forMs ?? Infinity;
  while (play.nextAtMs < endMs) {
    play.step();
    if (play.isUnsettled) await settled(play);
    if (failure !== undefined) throw failure;
    if (chunk.length < chunkSize && ++steps < mostSteps) continue;
    yield chunk;
    chunk = [];
    steps = 0;
  }
  play.stop();
  yield chunk;
}

/** Lets everything that behaviours await settle before the clock goes on. */
export async function settled(play: Play): Promise<void> {
  play.isUnsettled = false;
  await new Promise(setImmediate);
}

/** Yields the operators' commands to the devices of a shard. */
function* commandsOf(plan: Plan, shard: Shard, clock: PlanClock): Generator<PlayedCommand, void, undefined> {
  for (const { atMs, traffic, target, parameters } of trafficOf(plan, shard, clock)) {
    yield { atMs, target, command: traffic.command, parameters };
  }
}
