import { Option, type Command } from 'commander';

/** Declares the flags for dashboard, metrics and progress. */
export function observerOptions(command: Command): Command {
  return command
    .option('--dashboard [port]', 'show the run as a web page on 127.0.0.1; any free port unless given')
    .option(
      '--metrics <port>',
      'show the run to Prometheus at http://127.0.0.1:PORT/metrics; ADDRESS:PORT at another address of this machine',
    );
}

/** Declares when the parts of a run start. */
export function startOptions(command: Command): Command {
  return command
    .option('--start-at <time>', 'start at this time: the same for all shards, such as 2026-01-31T12:00:00Z')
    .option('--start-together', 'start when all shards are ready, which they tell each other over the server')
    .option(
      '--start-timeout <duration>',
      'with --start-together: start without those that are not ready (default: 5m)',
    );
}

/** Declares the flags that print something in place of a run. */
export function manifestOptions(command: Command): Command {
  for (const [flags, description] of manifestFlags)
    command.addOption(new Option(flags, description).helpGroup('Options of --manifest:'));
  return command;
}

const manifestFlags = [
  ['--manifest <kind>', 'print the YAML that runs it elsewhere, with --shards parts, instead: kubernetes'],
  [
    '--image <image>',
    'container image that has devicehive; with --package one that has Node and npm (default: node:22-slim)',
  ],
  ['--package <source>', 'what npm installs in the pods: a version, a URL, or the name of a tarball in the image'],
  ['--name <name>', 'name of the Job (default: one with the digest of the plan and the time, new each time)'],
  ['--cpu <cores>', 'CPU of a pod, such as 500m (default: 100m + 77 µs for each frame that the plan has in a second)'],
  [
    '--memory <size>',
    'memory of a pod, such as 512Mi (default: 85 MB for each process + 7.5 KiB a device, up to twice that)',
  ],
  [
    '--plan-in-image <path>',
    'where the plan and its files are in the image of --image; nothing of it travels in the YAML',
  ],
] as const;
