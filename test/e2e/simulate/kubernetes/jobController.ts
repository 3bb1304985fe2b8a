import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { bin, ended, type Ended, type Home } from '../../../helpers/cli.ts';
import { changedUntil } from '../../../helpers/folderChanges.ts';
import { resourcesOf, type ConfigMap, type Container, type Job, type Variable, type Volume } from './printed.ts';

/** What Secrets hold, by their names and keys. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A pod of a Job: a process that has its command, environment and files. */
export interface Pod {
  readonly process: ChildProcess;
  readonly index: number;
}

/** `kubectl` as far as recipes use it: what it knows of the cluster is in the folder that CLUSTER names. */
const kubectl = `#!${process.execPath}
const { copyFileSync, existsSync, readFileSync, renameSync, watch } = require('node:fs');
const [verb, ...args] = process.argv.slice(2);
const at = (name) => process.env.CLUSTER + '/' + name;
const read = (name) => (existsSync(at(name)) ? readFileSync(at(name)) : Buffer.alloc(0));
if (verb === 'apply') {
  copyFileSync(args[args.indexOf('-f') + 1], at('applying'));
  renameSync(at('applying'), at('applied.yaml'));
} else if (verb === 'get') process.stdout.write(':' + read('state'));
else if (verb === 'logs') {
  const index = /completion-index=(\\d+)$/.exec(args[args.indexOf('--selector') + 1])[1];
  if (!args.includes('--follow')) process.stdout.write(existsSync(at(index + '.deleted')) ? '' : read(index + '.log'));
  else {
    const watcher = watch(at('.'));
    let told = 0;
    const tell = () => {
      const isEnded = existsSync(at(index + '.ended')) || !existsSync(at(index + '.log'));
      const log = read(index + '.log');
      process.stdout.write(log.subarray(told));
      told = log.length;
      if (isEnded) watcher.close();
    };
    watcher.on('change', tell);
    tell();
  }
} else process.exitCode = 1;
`;

/** A cluster that knows nothing but Jobs: it runs what a recipe applies. */
export class JobController {
  readonly #home: Home;
  readonly #folder: string;
  readonly #secrets: Secrets;

  constructor(home: Home, name: string, secrets: Secrets) {
    this.#home = home;
    this.#folder = join(home.folder, name);
    this.#secrets = secrets;
    mkdirSync(join(this.#folder, 'bin'), { recursive: true });
    const devicehive = `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`;
    const programs = { kubectl, devicehive, sleep: '#!/bin/sh\nexec /bin/sleep 0.2\n' };
    for (const [file, text] of Object.entries(programs))
      writeFileSync(join(this.#folder, 'bin', file), text, { mode: 0o755 });
  }

  /** Runs the script of a manifest; \`during\` is called when all pods run. Returns how the script ended. */
  async run(manifest: string, during: (pods: readonly Pod[]) => Promise<void>): Promise<Ended> {
    const file = join(this.#folder, 'simulation.yaml');
    writeFileSync(file, manifest);
    const env = { CLUSTER: this.#folder, PATH: `${join(this.#folder, 'bin')}:${process.env['PATH']}` };
    const script = this.#home.spawn('sh', ['-c', "sed -n 's/^#> //p' simulation.yaml | sh"], {
      env,
      cwd: this.#folder,
    });
    script.stdin?.end();
    const whole = ended(script);
    await changedUntil(this.#folder, () => existsSync(join(this.#folder, 'applied.yaml')), whole);
    await this.#play(during);
    return whole;
  }

  /** Deletes a pod, as a node that is drained does. */
  delete({ process: pod, index }: Pod): void {
    pod.kill('SIGTERM');
    writeFileSync(join(this.#folder, `${index}.deleted`), '');
  }

  async #play(during: (pods: readonly Pod[]) => Promise<void>): Promise<void> {
    const resources = resourcesOf(readFileSync(join(this.#folder, 'applied.yaml'), 'utf8')) as { kind: string }[];
    const job = resources.find(({ kind }) => kind === 'Job') as unknown as Job;
    const configMap = resources.find(({ kind }) => kind === 'ConfigMap') as unknown as ConfigMap | undefined;
    const { completions, parallelism, backoffLimitPerIndex } = job.spec;
    const pods = Array.from({ length: Math.min(completions, Number(parallelism)) }, (_, index) =>
      this.#start(index, job, configMap),
    );
    const ends = pods.map(async (pod) => {
      const code = await new Promise((resolve) => pod.process.once('close', resolve));
      writeFileSync(join(this.#folder, `${pod.index}.ended`), '');
      // without a limit of their own for each index, one that fails takes all others along
      if (code !== 0 && backoffLimitPerIndex === undefined) for (const other of pods) this.delete(other);
      return code;
    });
    await during(pods);
    const codes = await Promise.all(ends);
    writeFileSync(join(this.#folder, 'state'), codes.every((code) => code === 0) ? 'Complete' : 'Failed');
  }

  #start(index: number, { spec }: Job, configMap: ConfigMap | undefined): Pod {
    const { containers, initContainers = [], volumes } = spec.template.spec;
    const [container] = containers;
    const folder = join(this.#folder, `pod-${index}`);
    for (const mount of container.volumeMounts) {
      const volume = volumes.find(({ name }) => name === mount.name);
      if (volume !== undefined) this.#mount(volume, join(folder, mount.mountPath), configMap);
    }
    for (const { command } of initContainers) install(command, folder);
    const env = this.#environment(container.env, index);
    const placed = (word: string) => placedIn(folder, container, word);
    const [program, ...words] = container.command.map((word) => placed(expanded(word, env)));
    const output = openSync(join(this.#folder, `${index}.log`), 'w');
    const pod = spawn(process.execPath, program === 'node' ? words : [bin, ...words], {
      cwd: container.workingDir === undefined ? folder : placed(container.workingDir),
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, placed(value)])),
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    return { process: pod, index };
  }

  #environment(variables: readonly Variable[], index: number): Record<string, string> {
    const cache = this.#home.env()['XDG_CACHE_HOME'] ?? '';
    const env: Record<string, string> = { JOB_COMPLETION_INDEX: String(index), XDG_CACHE_HOME: cache };
    for (const { name, value, valueFrom } of variables) {
      const { secretKeyRef, fieldRef } = valueFrom ?? {};
      if (value !== undefined) env[name] = expanded(value, env);
      else if (fieldRef !== undefined) env[name] = '127.0.0.1';
      else if (secretKeyRef !== undefined) env[name] = this.#secret(secretKeyRef.name, secretKeyRef.key);
    }
    return env;
  }

  #secret(name: string, key: string): string {
    const text = this.#secrets[name]?.[key];
    if (text === undefined) throw new Error(`there is no ${key} in a Secret ${name}`);
    return text;
  }

  /** As the kubelet does: files are in a folder of their own, to which links lead. */
  #mount({ configMap, secret }: Volume, place: string, { data, binaryData }: Partial<ConfigMap> = {}): void {
    mkdirSync(join(place, '..2026_12_01'), { recursive: true });
    symlinkSync('..2026_12_01', join(place, '..data'));
    for (const { key, path } of [...(configMap?.items ?? []), ...(secret?.items ?? [])]) {
      const file = join(place, '..data', path);
      mkdirSync(dirname(file), { recursive: true });
      const binary = binaryData?.[key];
      const content = secret === undefined ? (data?.[key] ?? '') : this.#secret(secret.secretName, key);
      writeFileSync(file, binary === undefined ? content : Buffer.from(binary, 'base64'));
      // in a pod somebody else owns them
      chmodSync(file, 0o664);
      const [first = ''] = path.split('/');
      if (!existsSync(join(place, first))) symlinkSync(join('..data', first), join(place, first));
    }
  }
}

/** What npm would install is here already. */
function install(command: readonly string[], folder: string): void {
  const programs = join(folder, command[command.indexOf('--prefix') + 1] ?? '', 'node_modules', '.bin');
  mkdirSync(programs, { recursive: true });
  symlinkSync(bin, join(programs, 'devicehive'));
}

/** Kubernetes puts variables in the place of $(NAME), and reads $$ as $. */
function expanded(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\((\w+)\)/g, (all, name?: string) => (name === undefined ? '$' : (env[name] ?? all)));
}

/** A word with the paths of a pod as they are here, below its folder. */
function placedIn(folder: string, { volumeMounts }: Container, word: string): string {
  const mount = volumeMounts.find(({ mountPath }) => new RegExp(`(^|@)${mountPath}(/|$)`).test(word));
  return mount === undefined ? word : word.replace(mount.mountPath, `${folder}${mount.mountPath}`);
}
