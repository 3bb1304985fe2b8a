/** A behaviour module to begin with. */
export const starterBehaviour = `// A behaviour module: what a plan cannot say. Try it:   devicehive simulate check FILE
// Play it alone:   devicehive simulate plan FILE --devices 10 --for 1m
// Name it in a plan:   fleets: [{ id: 'lamp-{index}', behaviour: ./FILE }]
// The type comes from the package devicehive-cli; without it the module works all the same.
import type { Behaviour } from 'devicehive-cli';

interface Lamp {
  on: boolean;
  level: number;
}

export default {
  // A behaviour may also have what a fleet of a plan has: count, network, notifications, faults, ...
  id: 'lamp-{index}',
  state: { on: false, level: 50 },

  // Called for each device when it starts. Time is the run's own, so after() and every() take no time in a check.
  start(device) {
    device.every('10s', () => {
      const { on, level } = device.state;
      const flicker = device.random.between(-1, 1);
      device.notify('light', { level: on ? Math.round(level + flicker) : 0 });
    });
  },

  commands: {
    // A function reports by what it returns, or by command.update() as often as it likes.
    async switch(device, command) {
      command.update('accepted');
      await device.after('200ms');
      device.state.on = command.parameters['on'] === true;
      return { status: 'done', result: { on: device.state.on } };
    },
    dim(device, command) {
      const level = Number(command.parameters['level']);
      if (!(level >= 0 && level <= 100)) return { status: 'failed', result: { reason: 'level must be from 0 to 100' } };
      device.state.level = level;
      return 'done';
    },
    // Steps as in a plan work as well; * is every other command.
    '*': [{ status: 'unsupported' }],
  },

  // Cases for devicehive simulate check; each has its own device.
  cases: [
    {
      name: 'is switched on',
      command: 'switch',
      parameters: { on: true },
      expect: { statuses: ['accepted', 'done'], result: { on: true }, state: { on: true }, within: '1s' },
    },
    { name: 'refuses to be too bright', command: 'dim', parameters: { level: 101 }, expect: { status: 'failed' } },
    { name: 'tells its light', state: { on: true }, for: '30s', expect: { notifications: [{ name: 'light' }] } },
    { name: 'knows no other command', command: 'fly', expect: { status: 'unsupported' } },
  ],
} satisfies Behaviour<Lamp>;
`;
