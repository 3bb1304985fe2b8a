import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { flagFates } from '../../../../src/cli/commands/simulate/manifest/flagFates.ts';
import { Home } from '../../../helpers/cli.ts';
import { printed } from './printed.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const token = 'secret-of-nobody';
writeFileSync(join(home.work, 'token'), token);
writeFileSync(join(home.work, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n');
const pair = '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n';
for (const name of ['client.pem', 'both.pem']) writeFileSync(join(home.work, name), pair);
const fleet = ['--devices', '4', '--for', '1m', '--shards', '2'];

describe('the flags of a manifest', () => {
  it('each travel, are used or are refused with a reason', async () => {
    const { stdout } = await home.run(['commands', '--json']);
    const { commands } = JSON.parse(stdout) as {
      readonly commands: readonly {
        readonly words: readonly string[];
        readonly flags: readonly { readonly name: string }[];
        readonly commonFlags: readonly string[];
      }[];
    };
    const run = commands.find(({ words }) => words.join(' ') === 'simulate run');
    const names = [...(run?.flags.map(({ name }) => name) ?? []), ...(run?.commonFlags ?? [])];
    assert.ok(names.length > 40);
    const known = new Set(Object.keys(flagFates));
    const unknown = names
      .map((name) => name.replace(/^-+(no-(?!input|demo|color))?/, '').replace(/^no-/, ''))
      .map((name) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
      .filter((name) => !known.has(name));
    assert.deepEqual(unknown, []);
  });

  it('that have no place in a pod are refused, all at once', async () => {
    const refused: [args: string[], why: RegExp][] = [
      [['--report', 'run.html'], /--report writes a file that ends with its pod/],
      [['--dashboard'], /--dashboard is a page on the pod's own 127.0.0.1/],
      [['--ready-file', 'ready'], /--ready-file writes a file that nobody outside/],
      [['--trace-file', 'trace'], /--trace-file writes a file that ends with its pod/],
      [['--shard', '0/2'], /--shard names one part/],
      [['--token', token], /--token would write the token into the YAML/],
      [['--embedded'], /--embedded is a server inside one process/],
      [['--verbose'], /--verbose writes every frame to the log/],
      [['--query', 'ledger'], /--query changes what a part prints/],
      [['--no-demo'], /--no-demo shapes a server/],
      [['--query-required'], /--query-required changes what a part prints/],
      [['--start-at', '2026-01-01', '--start-together'], /--start-at and --start-together are two ways to start/],
      [['--header', 'Cookie: a=b'], /--header Cookie would write its value into the YAML[^]*'Cookie: @FILE'/],
      [['--ca', 'both.pem'], /--ca holds a private key/],
      [['--key', 'both.pem'], /--key needs --cert/],
      [['--url', 'wss://hive/dh/websocket?access_token=abc'], /the URL of the server holds a secret/],
      [['--processes', '0'], /--processes must be a whole number from 1/],
      [['--connect-timeout', '5'], /--connect-timeout must be a duration/],
      [['--retry', 'often'], /--retry must be a whole number/],
      [['--timeout', 'long'], /--timeout must be a duration/],
      [['--metrics', '80'], /--metrics must be a whole number from 1024 to 65535/],
    ];
    for (const [args, why] of refused) {
      const { code, stdout, stderr } = await printed(home, [...fleet, ...args]);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, why);
    }
    const both = await printed(home, [...fleet, '--report', 'run.html', '--dashboard']);
    assert.match(both.stderr, /2 flags have no place in a pod[^]*--report[^]*--dashboard/);
  });

  it('that mean the same in each pod travel, a token as a Secret only', async () => {
    const same = ['--connect-timeout', '7s', '--retry', '3', '--processes', '2'];
    const other = ['--timeout', '20s', '--ca', 'ca.pem', '--token-file', 'token'];
    const { code, container, configMap, job, stdout } = await printed(home, [...fleet, ...same, ...other]);
    assert.equal(code, 0);
    const command = container.command.join(' ');
    for (const words of [...['--timeout 20s', '--ca /ca/ca.pem'], same.join(' ')])
      assert.ok(command.includes(words), `${words} in ${command}`);
    assert.equal(configMap?.data['ca.pem'], '-----BEGIN CERTIFICATE-----\n');
    assert.ok(!stdout.includes(token));
    assert.match(stdout, /kubectl create secret generic devicehive-token --from-file=token=FILE/);
    assert.deepEqual(container.env.find(({ name }) => name === 'DEVICEHIVE_TOKEN_FILE')?.value, '/credentials/token');
    const secret = job.spec.template.spec.volumes.find(({ name }) => name === 'credentials')?.secret;
    assert.equal(secret?.secretName, 'devicehive-token');
  });

  it('that hold secrets travel as a Secret, those of a context too', async () => {
    const way = ['--cert', 'client.pem', '--key', 'both.pem', '--header', 'Authorization: @token', '--tls-insecure'];
    const add = ['context', 'add', 'hive', '--url', 'wss://hive/dh/websocket', ...way];
    assert.equal((await home.run(add)).code, 0);
    for (const args of [way, ['--context', 'hive']]) {
      const { container, job, stdout, stderr } = await printed(home, [...fleet, '--header', 'X-Room: $7', ...args]);
      const command = container.command.join(' ');
      assert.ok(command.includes('--cert /connection/cert.pem --key /connection/key.pem'), stderr);
      assert.ok(command.includes('--header X-Room: $$7'), command);
      assert.ok(command.includes('--header Authorization: @/connection/header-authorization'), command);
      assert.ok(command.includes('--tls-insecure'));
      const secret = job.spec.template.spec.volumes.find(({ name }) => name === 'connection')?.secret;
      const keys = ['cert.pem', 'key.pem', 'header-authorization'];
      assert.deepEqual([secret?.secretName, secret?.items.map(({ key }) => key)], ['devicehive-connection', keys]);
      assert.match(stdout, /create secret generic devicehive-connection --from-file=cert\.pem=FILE /);
      assert.ok(!stdout.includes(token) && !stdout.includes('PRIVATE'));
    }
  });

  it('let pods start together, or at a time', async () => {
    const wordsOf = async (...args: string[]) => {
      const { container, code, stderr } = await printed(home, [...fleet, ...args]);
      assert.equal(code, 0, stderr);
      return container.command.slice(container.command.indexOf('--json') + 1).join(' ');
    };
    assert.match(await wordsOf(), /^--start-together --devices/);
    assert.match(await wordsOf('--start-timeout', '9m'), /^--start-together --start-timeout 9m --devices/);
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    assert.ok((await wordsOf('--start-at', soon)).startsWith(`--start-at ${soon} --devices`));
  });

  it('let pods listen for Prometheus on their own addresses only, and only then', async () => {
    const without = await printed(home, fleet);
    assert.ok(!without.stdout.includes('prometheus'));
    const { container, job } = await printed(home, [...fleet, '--metrics', '9464']);
    assert.deepEqual(container.command.slice(-2), ['--metrics', '$(POD_IP):9464']);
    assert.equal(container.env.find(({ name }) => name === 'POD_IP')?.valueFrom?.fieldRef?.fieldPath, 'status.podIP');
    assert.deepEqual(
      container.ports?.map(({ containerPort }) => containerPort),
      [9464],
    );
    assert.deepEqual(job.spec.template.metadata.annotations, {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9464',
      'prometheus.io/path': '/metrics',
    });
  });
});

describe('the program of a pod', () => {
  it('is named: neither image nor package is refused, because the registry has no such package yet', async () => {
    const args = ['simulate', 'run', ...fleet, '--manifest', 'kubernetes', '--url', 'ws://hive'];
    const { code, stdout, stderr } = await home.run(args);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /--manifest needs --image or --package: devicehive-cli is not on the npm registry yet/);
  });

  it('is run directly in an image that has it, whose Dockerfile is told', async () => {
    const { container, job, stdout } = await printed(home, [
      ...fleet,
      '--image',
      'registry.example.com:5000/hive@sha256:ab',
    ]);
    assert.equal(container.image, 'registry.example.com:5000/hive@sha256:ab');
    assert.equal(container.command[0], 'devicehive');
    assert.equal(job.spec.template.spec.initContainers, undefined);
    assert.match(stdout, /^# +FROM node:22-slim\n# +COPY .*\n# +RUN npm install --global --omit=optional /m);
  });

  it('is installed before its start from a version, a URL or a tarball, and run by node', async () => {
    const sources: [given: string, installed: string][] = [
      ['0.1.0', 'devicehive-cli@0.1.0'],
      ['https://files.example.com/hive.tgz?a=$(HOME)', 'https://files.example.com/hive.tgz?a=$$(HOME)'],
      ['devicehive-cli-0.1.0.tgz', './devicehive-cli-0.1.0.tgz'],
      ['/opt/hive.tgz', '/opt/hive.tgz'],
    ];
    for (const [given, installed] of sources) {
      const { job, container } = await printed(home, [...fleet, '--package', given]);
      const [install] = job.spec.template.spec.initContainers ?? [];
      assert.equal(install?.command.at(-1), installed);
      assert.ok(install.command.includes('--omit=optional'));
      assert.deepEqual([install.image, container.image], ['node:22-slim', 'node:22-slim']);
      assert.equal(container.command[0], 'node');
    }
    for (const wrong of ['latest', 'git+ssh://host/x', 'https://me:pw@files.example.com/hive.tgz', '']) {
      const { code, stdout } = await printed(home, [...fleet, '--package', wrong]);
      assert.deepEqual([code, stdout], [2, ''], wrong);
    }
  });
});
