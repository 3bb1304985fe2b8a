import { parseAllDocuments, type Document } from 'yaml';
import type { Ended, Home, RunOptions } from '../../../helpers/cli.ts';

/** A container as far as the tests look at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly Variable[];
  readonly ports?: readonly { readonly containerPort: number }[];
  readonly resources: {
    readonly requests: Readonly<Record<string, string>>;
    readonly limits: Readonly<Record<string, string>>;
  };
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

interface Item {
  readonly key: string;
  readonly path: string;
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly configMap?: { readonly name: string; readonly items: readonly Item[] };
  readonly secret?: { readonly secretName: string; readonly items: readonly Item[] };
}

export interface ConfigMap {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly terminationGracePeriodSeconds: number;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly [Container];
    readonly volumes: readonly Volume[];
  };
}

export interface Job {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly completions: number;
    readonly template: PodTemplate;
  };
}

/** A printed manifest, as kubectl reads it. */
export interface Manifest extends Ended {
  readonly resources: readonly unknown[];
  readonly configMap: ConfigMap | undefined;
  /** Undefined, whatever its type says, where nothing is printed. */
  readonly job: Job;
  readonly container: Container;
}

const url = 'wss://hive.example.com/api/websocket';

/** Reads the documents by the rules of YAML 1.1, as kubectl does. */
export function resourcesOf(text: string): unknown[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => (document as Document).toJS() as unknown);
}

/** Prints a manifest of pods that reach `hive.example.com` with an image, unless the arguments say otherwise. */
export async function printed(home: Home, args: readonly string[], options: RunOptions = {}): Promise<Manifest> {
  const program = args.some((arg) => arg === '--image' || arg === '--package') ? [] : ['--image', 'hive:1'];
  const server = args.some((arg) => arg === '--url' || arg === '--context') ? [] : ['--url', url];
  const command = ['simulate', 'run', ...args, '--manifest', 'kubernetes', ...program, ...server];
  const ended = await home.run(command, options);
  const resources = resourcesOf(ended.stdout);
  const kinds = resources as readonly { readonly kind: string }[];
  const job = kinds.find(({ kind }) => kind === 'Job') as unknown as Job | undefined;
  const configMap = kinds.find(({ kind }) => kind === 'ConfigMap') as unknown as ConfigMap | undefined;
  return {
    ...ended,
    resources,
    configMap,
    job: job as Job,
    container: job?.spec.template.spec.containers[0] as Container,
  };
}
