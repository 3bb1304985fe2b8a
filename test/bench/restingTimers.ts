import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { systemRunClock } from '../../src/simulate/engine/clock.ts';
import { Alarm, Wheel } from '../../src/simulate/engine/wheel.ts';
import { compilePlan, deviceOf, seriesOf } from '../../src/simulate/plan/index.ts';

/**
 * A process for `fleetTimers`: devices wait for one notification after the other; nothing is made or sent. They share
 * the simulation's timer wheel (`wheel`), or have a Node timer each (`each`). Prints the CPU time as a percentage of a
 * core, and how many timers rang per second.
 */
const [kind, count = '100000', every = '1m'] = process.argv.slice(2);
const settleMs = 3000;
const windowMs = 10_000;

const notification = { name: 'temperature', every, parameters: { value: 21 } };
const compiled = compilePlan(
  { fleets: [{ id: 'd{index}', count: Number(count), notifications: [notification] }] },
  { table: () => 'is not read here', behaviour: () => undefined },
);
if (compiled.kind !== 'plan') throw new Error(JSON.stringify(compiled.problems));
const { plan } = compiled;
const originMs = systemRunClock.nowMs() + settleMs / 2;
const wheel = new Wheel(systemRunClock);
let rings = 0;

/** A device's next notification: first when its plan says, then once a period. */
class Waiting {
  dueMs: number;
  readonly #everyMs: number;

  constructor(number: number) {
    const device = deviceOf(plan, number);
    this.dueMs = originMs + (seriesOf(plan, device)[0]?.nextAtMs ?? 0);
    this.#everyMs = device.fleet.notifications[0]?.everyMs ?? Infinity;
  }

  take(): void {
    rings++;
    this.dueMs += this.#everyMs;
  }
}

class WaitingAlarm extends Alarm {
  readonly #waiting: Waiting;

  constructor(waiting: Waiting) {
    super();
    this.#waiting = waiting;
    wheel.set(this, waiting.dueMs);
  }

  ring(): void {
    this.#waiting.take();
    wheel.set(this, this.#waiting.dueMs);
  }
}

function waitAlone(waiting: Waiting): void {
  setTimeout(() => {
    waiting.take();
    waitAlone(waiting);
  }, waiting.dueMs - systemRunClock.nowMs());
}

/** Returns the CPU time of this thread so far. Other threads load TypeScript and do not count. */
function cpuMs(): number {
  return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
}

for (let number = 0; number < plan.deviceCount; number++) {
  if (kind === 'wheel') new WaitingAlarm(new Waiting(number));
  else waitAlone(new Waiting(number));
}
await pause(settleMs);
globalThis.gc?.();
const before = { cpuMs: cpuMs(), rings, atMs: performance.now() };
await pause(windowMs);
const usedMs = cpuMs() - before.cpuMs;
const wallMs = performance.now() - before.atMs;
console.log(
  JSON.stringify({
    corePercent: (usedMs / wallMs) * 100,
    ringsPerSecond: ((rings - before.rings) / wallMs) * 1000,
  }),
);
process.exit(0);
