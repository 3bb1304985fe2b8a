/** One exit code, with its meaning for readers. */
export interface Exit {
  readonly code: number;
  readonly name: string;
  readonly when: string;
}

/** All exit codes; topic and reference say the same. */
export const exits: readonly Exit[] = [
  { code: 0, name: 'ok', when: 'success; an empty list is a success' },
  { code: 1, name: 'internal', when: 'a bug in devicehive' },
  {
    code: 2,
    name: 'usage',
    when: "unknown command or flag, a missing value, a bad value of the tool's own flags, no server configured",
  },
  {
    code: 3,
    name: 'invalid',
    when: 'a value of the request or of a plan does not fit its schema or cannot be read; nothing was sent',
  },
  { code: 4, name: 'auth', when: 'no or expired token, or a reply with code 401 or 403' },
  { code: 5, name: 'connect', when: 'the server cannot be reached, is none, or the connection was lost' },
  {
    code: 6,
    name: 'refused',
    when: 'the server replied with an error, or its silence is known to be a refusal',
  },
  { code: 7, name: 'timeout', when: 'no matching reply in time' },
  { code: 8, name: 'pending', when: 'accepted, but no answer of the device in time (`--wait`)' },
  {
    code: 9,
    name: 'assertion',
    when: '`--wait=STATUS` or `--until` not met, `--count` not reached within `--for`; `server verify` or a replay differs; an assertion of a simulation, a check of its devices or a limit of `report diff` does not hold; `--query-required` and nothing to show; a `--strict` server met what would have stopped a real one',
  },
  { code: 10, name: 'partial', when: 'any line of a batch not ok' },
  {
    code: 11,
    name: 'generator',
    when: 'pushes came faster than they could be taken; a simulation was too much for this machine, measured nothing or lacks a shard',
  },
  ...[129, 130, 143].map((code) => ({
    code,
    name: 'signal',
    when: 'SIGHUP (the terminal is closed), SIGINT, SIGTERM; the normal end of `server start`, and of a simulation without an end, is 0',
  })),
];
