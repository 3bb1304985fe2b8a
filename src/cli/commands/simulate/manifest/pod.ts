import type { PodFile } from './podFiles.ts';
import { installResources, type Resources } from './podResources.ts';

/** Where the pods get the program: from an image, or from npm at their start. */
export type ProgramSource =
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'package'; readonly image: string; readonly spec: string };

/** A file in a Secret. */
export interface SecretFile {
  readonly key: string;
  /** The flag that names it on this machine. */
  readonly flag: string;
}

/** The run that the pods play together. */
export interface PodRun {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The version of this program. */
  readonly version: string;
  readonly shards: number;
  readonly program: ProgramSource;
  readonly files: readonly PodFile[];
  /** Words after `simulate run`. */
  readonly args: readonly string[];
  readonly workingDir: string | undefined;
  readonly url: string;
  /** The files of the connection's Secret. */
  readonly secrets: readonly SecretFile[];
  readonly credentials: 'login' | 'token';
  readonly metricsPort: number | undefined;
  readonly resources: Resources;
  /** How long a pod may take to end when told to, in seconds. */
  readonly graceS: number;
}

/** The names of the Secrets that the recipe creates. */
export const secretNames = {
  login: 'devicehive',
  token: 'devicehive-token',
  connection: 'devicehive-connection',
} as const;

const user = 1000;

/** Returns the template of the pods, which conforms to the Pod Security level `restricted`. */
export function podTemplate(run: PodRun): object {
  const { name, labels, program, metricsPort } = run;
  const annotations = {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(metricsPort),
    'prometheus.io/path': '/metrics',
  };
  return {
    metadata: { labels, ...(metricsPort === undefined ? {} : { annotations }) },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: run.graceS,
      automountServiceAccountToken: false,
      // variables that Kubernetes makes of Services could be taken for settings
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { 'app.kubernetes.io/instance': name } },
        },
      ],
      ...(program.kind === 'image' ? {} : { initContainers: [installer(program)] }),
      containers: [simulator(run)],
      volumes: volumesOf(run),
    },
  };
}

const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** The only folders that can be written: for the installed program, and for temporary files. */
const packageMount = { name: 'package', mountPath: '/package' };
const temporaryMount = { name: 'tmp', mountPath: '/tmp' };
/** Where pods find the files of the connection's Secret. */
export const connectionMount = { name: 'connection', mountPath: '/connection' };
const home = { name: 'HOME', value: '/tmp' };

/** Installs the program without SQLite, which is optional and serves only servers that keep their data. */
const npmInstall =
  'npm install --prefix /package --omit=optional --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier';

function installer({ image, spec }: ProgramSource & { readonly kind: 'package' }): object {
  return {
    name: 'install',
    image,
    command: [...npmInstall.split(' '), literal(spec)],
    env: [home],
    resources: installResources,
    securityContext: containerSecurity,
    volumeMounts: [packageMount, temporaryMount],
  };
}

function simulator(run: PodRun): object {
  const { program, args, workingDir, metricsPort } = run;
  const devicehive =
    program.kind === 'image' ? ['devicehive'] : ['node', `${packageMount.mountPath}/node_modules/.bin/devicehive`];
  const metrics = metricsPort === undefined ? [] : ['--metrics', `$(POD_IP):${metricsPort}`];
  return {
    name: 'simulator',
    image: program.image,
    command: [...devicehive, 'simulate', 'run', ...args.map(literal), ...metrics],
    ...(workingDir === undefined ? {} : { workingDir }),
    env: environmentOf(run),
    ...(metricsPort === undefined ? {} : { ports: [{ name: 'metrics', containerPort: metricsPort }] }),
    resources: run.resources,
    securityContext: containerSecurity,
    volumeMounts: [
      { name: 'credentials', mountPath: '/credentials', readOnly: true },
      ...(run.secrets.length === 0 ? [] : [{ ...connectionMount, readOnly: true }]),
      ...mountsOf(run.files).map((mountPath) => ({ name: mountPath.slice(1), mountPath, readOnly: true })),
      ...(program.kind === 'image' ? [] : [{ ...packageMount, readOnly: true }]),
      temporaryMount,
    ],
  };
}

/** Returns the pod's variables; JOB_COMPLETION_INDEX, which the Job sets, says which part it plays. */
function environmentOf({ url, credentials, metricsPort }: PodRun): object[] {
  const login = [
    {
      name: 'DEVICEHIVE_LOGIN',
      valueFrom: { secretKeyRef: { name: secretNames.login, key: 'login' } },
    },
    { name: 'DEVICEHIVE_PASSWORD_FILE', value: '/credentials/password' },
  ];
  const token = [{ name: 'DEVICEHIVE_TOKEN_FILE', value: '/credentials/token' }];
  const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };
  return [
    home,
    { name: 'DEVICEHIVE_URL', value: literal(url) },
    ...(credentials === 'login' ? login : token),
    ...(metricsPort === undefined ? [] : [podIp]),
  ];
}

function volumesOf({ name, program, files, credentials, secrets }: PodRun): object[] {
  const key = credentials === 'login' ? 'password' : 'token';
  return [
    secretVolume('credentials', secretNames[credentials], [key]),
    ...(secrets.length === 0
      ? []
      : [
          secretVolume(
            connectionMount.name,
            secretNames.connection,
            secrets.map((secret) => secret.key),
          ),
        ]),
    ...mountsOf(files).map((mount) => ({
      name: mount.slice(1),
      configMap: {
        name,
        items: files.filter((file) => file.mount === mount).map((file) => ({ key: file.key, path: file.path })),
      },
    })),
    ...(program.kind === 'image' ? [] : [{ name: packageMount.name, emptyDir: {} }]),
    { name: temporaryMount.name, emptyDir: {} },
  ];
}

function secretVolume(name: string, secretName: string, keys: readonly string[]): object {
  return { name, secret: { secretName, defaultMode: 0o440, items: keys.map((key) => ({ key, path: key })) } };
}

function mountsOf(files: readonly PodFile[]): string[] {
  return [...new Set(files.map(({ mount }) => mount))];
}

/** Escapes text that Kubernetes would expand: $(NAME) for variables, $$ for $. */
function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
