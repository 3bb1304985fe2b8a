/** Returns a plan to begin with; `schema` is the place of its schema, for editors that know YAML schemas. */
export function starterPlan(schema: string | undefined): string {
  return `${schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`}${plan}`;
}

const plan = `# A plan of simulated devices. See what it does:   devicehive simulate plan FILE
# Try what it answers:                           devicehive simulate check FILE
# All fields and value generators:               devicehive schema show plan, devicehive help simulation

seed: 42 # the same seed gives the same payloads at the same times

fleets:
  - id: 'thermostat-{index:04}' # thermostat-0000, thermostat-0001, ...
    count: 10
    # network: 1 # where the server is to put them
    # deviceType: 1
    state: { mode: auto, target: 21 }

    notifications:
      - name: temperature
        every: 5s
        jitter: 10%
        parameters:
          value: { walk: { from: 18, to: 26, step: 0.3 } } # a random walk
          mode: { state: mode } # the state as it is then
          at: { timestamp: iso }

    commands:
      setMode: # steps, one after the other
        - { status: accepted, after: 50ms }
        - status: done
          after: { uniform: [200ms, 2s] }
          set: { mode: { parameter: mode } } # the state takes a parameter of the command
          result: { mode: { state: mode } }
      '*': # every other command
        - { status: unsupported }

    # What goes wrong:
    # faults: { drop-reply: 1%, duplicate-reply: 0.5%, disconnect: every 10m for 5s, reconnect-storm: at 2m }
    # What a plan cannot say, a module can:   devicehive simulate init --behaviour
    # behaviour: ./behaviour.ts

# The other side: operators who send commands to devices at random.
traffic:
  - { command: setMode, parameters: { mode: { enum: [auto, eco, comfort] } }, rate: 2/s, wait: done, timeout: 10s }

load:
  for: 1m
  # ramp: 200/s # devices that start in a second
  # connections: 8 # sockets for all devices together, in place of one each

# What must hold at the end.
assert:
  - lost == 0
  - unsent == 0
  - unanswered.share < 1%
  - command.total.p99 < 5s
`;
