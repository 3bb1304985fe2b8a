import { relative } from 'node:path';
import { Chalk } from 'chalk';
import { plannedEvents, StagedTime, type Fleet, type Plan, type Shard } from '../../../../simulate/index.ts';
import { colorLevel } from '../../../printing/color.ts';
import { safeLine } from '../../../terminal/safeText.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** How many events a person is shown. */
const shownEvents = 20;

/** Prints a plan for people: its fleets, rates and first events. Returns the number of events shown. */
export async function showPlan(
  whole: Plan,
  plan: Plan,
  shard: Shard,
  context: FlagContext<CommonValues>,
): Promise<number> {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, true) });
  const lines = [...plan.fleets.flatMap(fleetLines), ...trafficLines(plan), loadLine(whole, shard), rateLine(whole)];
  io.out(`${lines.map(safeLine).join('\n')}\n\n`);
  let count = 0;
  for await (const events of plannedEvents(plan, shard, { originMs: 0 })) {
    for (const { atMs, device, kind, name, parameters } of events) {
      if (count++ === shownEvents) {
        io.out(chalk.dim('…  all events: --json\n'));
        return shownEvents;
      }
      const time = `${(atMs / 1000).toFixed(3)}s`.padStart(10);
      const rest = safeLine(`${device}  ${kind === name ? kind : `${kind} ${name}`}  ${JSON.stringify(parameters)}`);
      io.out(`${chalk.dim(time)}  ${rest}\n`);
    }
  }
  return count;
}

function fleetLines(fleet: Fleet): string[] {
  const place = [
    fleet.network === undefined ? '' : `network ${fleet.network}`,
    fleet.deviceType === undefined ? '' : `device type ${fleet.deviceType}`,
  ];
  const notifications = fleet.notifications.map(({ name, everyMs }) => `notifies ${name} every ${seconds(everyMs)}`);
  const commands = [...fleet.commands.values()].map(
    ({ name, steps }) => `answers ${name}: ${steps.map(({ status = 'result' }) => status).join(', ') || 'nothing'}`,
  );
  const behaviour =
    fleet.behaviour === undefined
      ? []
      : [
          `behaves as ${relative('.', fleet.behaviour.file)} says: ${fleet.behaviour.commands.join(', ') || 'no commands'}`,
        ];
  const { dropReply, duplicateReply, disconnect, reconnectStorm } = fleet.faults;
  const faults = [
    dropReply === 0 ? '' : `drops ${percent(dropReply)} of its updates`,
    duplicateReply === 0 ? '' : `sends ${percent(duplicateReply)} of its updates twice`,
    disconnect === undefined ? '' : 'loses connections',
    reconnectStorm === undefined ? '' : 'loses all connections at once',
  ];
  return [
    [`${fleet.count} × ${fleet.id}`, ...place].filter((part) => part !== '').join(', '),
    ...[...notifications, ...commands, ...behaviour, ...faults]
      .filter((part) => part !== '')
      .map((part) => `  ${part}`),
  ];
}

function trafficLines({ traffic }: Plan): string[] {
  return traffic.map(
    ({ command, ratePerSecond, targetCount, wait }) =>
      `operators send ${command} to ${devices(targetCount)}, ${rate(ratePerSecond)}${wait === undefined ? '' : `, and wait for ${wait}`}`,
  );
}

function loadLine({ seed, deviceCount, load }: Plan, { index, count }: Shard): string {
  const parts = [
    devices(deviceCount),
    load.rampPerSecond === undefined ? 'all at once' : `${load.rampPerSecond}/s`,
    load.forMs === undefined ? 'until stopped' : `for ${seconds(load.forMs)}`,
    `seed ${seed}`,
    count === 1 ? '' : `shard ${index}/${count}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function rateLine({ fleets, traffic, load }: Plan): string {
  const notifications = sum(
    fleets.flatMap(({ count, notifications }) => notifications.map(({ everyMs }) => (count * 1000) / everyMs)),
  );
  const commands = sum(traffic.map(({ ratePerSecond }) => ratePerSecond));
  const besides = fleets.some(({ behaviour }) => behaviour !== undefined) ? ', besides what modules send' : '';
  const totals = totalsOf(fleets, commands, load);
  const inStages = load.stages === undefined ? '' : ' in stages';
  return `together: notifications ${rate(notifications)}${totals.notifications}, commands ${rate(commands)}${inStages}${totals.commands}${besides}`;
}

/** Returns the totals of the whole run in parentheses; empty if it has no end. */
function totalsOf(fleets: Plan['fleets'], commandsPerSecond: number, { forMs, stages }: Plan['load']) {
  if (forMs === undefined) return { notifications: '', commands: '' };
  const notifications = fleets.flatMap((fleet) =>
    fleet.notifications.map(({ everyMs, limit = Infinity }) => fleet.count * Math.min(forMs / everyMs, limit)),
  );
  const fullMs = stages === undefined ? forMs : new StagedTime(stages).fullMsAt(forMs);
  const counted = (count: number) => ` (${Math.round(count)})`;
  return { notifications: counted(sum(notifications)), commands: counted((commandsPerSecond * fullMs) / 1000) };
}

function sum(list: readonly number[]): number {
  return list.reduce((total, one) => total + one, 0);
}

function devices(count: number): string {
  return count === 1 ? '1 device' : `${count} devices`;
}

function seconds(ms: number): string {
  return `${ms / 1000}s`;
}

function percent(share: number): string {
  return `${+(share * 100).toFixed(6)}%`;
}

function rate(perSecond: number): string {
  return `${+perSecond.toFixed(3)}/s`;
}
