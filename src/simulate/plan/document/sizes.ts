import { largeProblem } from '../../../protocol/limits.ts';
import { deviceOf, stateOf } from '../device.ts';
import type { JsonFields, Plan, Template } from '../model.ts';
import type { Problems } from '../problems.ts';
import { Stream } from '../random.ts';

/** Reports payloads that are too large for a DeviceHive, by a sample of each: only texts make payloads large. */
export function largeProblems(plan: Plan, problems: Problems): void {
  plan.fleets.forEach((fleet, index) => {
    const at = problems.at('fleets', index);
    const state = stateOf(plan, deviceOf(plan, fleet.firstIndex)).values;
    fleet.notifications.forEach(({ name, parameters }, nth) =>
      judge(
        'notification/insert',
        { notification: { notification: name, parameters: sample(parameters, state) } },
        at,
        ['notifications', String(nth), 'parameters'],
      ),
    );
    for (const { name, steps } of fleet.commands.values())
      steps.forEach(({ status, result }, nth) =>
        judge('command/update', { command: { status, result: sample(result, state) } }, at, [
          'commands',
          name,
          String(nth),
          'result',
        ]),
      );
  });
  plan.traffic.forEach(({ command, parameters }, index) =>
    judge('command/insert', { command: { command, parameters: sample(parameters, {}) } }, problems, [
      'traffic',
      String(index),
      'parameters',
    ]),
  );
}

function sample(template: Template | undefined, state: JsonFields): JsonFields | undefined {
  return template?.produce({
    random: new Stream(0),
    memory: template.remember(),
    atMs: 0,
    originMs: 0,
    state,
    parameters: null,
  });
}

function judge(action: string, payload: JsonFields, problems: Problems, path: readonly string[]): void {
  const problem = largeProblem(action, payload);
  if (problem === undefined) return;
  problems.tell(
    `is too large: ${problem}, which can make a DeviceHive stop answering everyone; load: {allow-large: true} sends it all the same`,
    ...path,
  );
}
