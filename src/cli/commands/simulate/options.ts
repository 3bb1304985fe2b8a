import type { Command } from 'commander';

/** Declares the flags for dashboard, metrics and progress. */
export function observerOptions(command: Command): Command {
  return command
    .option('--dashboard [port]', 'show the run as a web page on 127.0.0.1; any free port unless given')
    .option('--metrics <port>', 'show the run to Prometheus at http://127.0.0.1:PORT/metrics');
}

/** Declares the flags that print something in place of a run. */
export function manifestOptions(command: Command): Command {
  return command
    .option('--manifest <kind>', 'print the YAML that runs it elsewhere, with --shards parts, instead: kubernetes')
    .option('--image <image>', 'with --manifest: the container image, with Node and npx (default: node:22-slim)');
}
