import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { judged, median, node, root, setting } from './measure.ts';

const runs = Number(process.env['FLEET_RUNS'] ?? 3);

/**
 * Measures the cost of 100,000 waiting devices that notify once a minute: on the timer wheel, in turn with one Node
 * timer each.
 */
export function fleetTimers(): boolean {
  using place = setting();
  const wheel: number[] = [];
  const each: number[] = [];
  for (let run = 0; run < runs; run++) {
    each.push(corePercent('each', place.env));
    wheel.push(corePercent('wheel', place.env));
  }
  const [own, other] = [median(wheel), median(each)];
  console.log(
    `fleet: timers of 100000 devices at rest: ${own.toFixed(2)} % of a core, a timer each ${other.toFixed(2)} %`,
  );
  return judged('fleet: timers of 100000 devices at rest in per cent of a core over 2', own / 2, { most: 1 });
}

function corePercent(kind: 'wheel' | 'each', env: NodeJS.ProcessEnv): number {
  const argv = ['--expose-gc', '--import', 'tsx', join(root, 'test/bench/restingTimers.ts'), kind];
  const text = execFileSync(node, argv, { cwd: root, env, encoding: 'utf8' });
  return (JSON.parse(text) as { corePercent: number }).corePercent;
}
