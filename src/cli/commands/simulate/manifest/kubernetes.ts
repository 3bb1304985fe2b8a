import { isUtf8 } from 'node:buffer';
import { podTemplate, type PodRun } from './pod.ts';
import { recipe } from './recipe.ts';

/** The times of a Job, in seconds. */
export interface JobTimes {
  /** After this time a running Job is ended; undefined for a run without an end. */
  readonly deadlineS: number | undefined;
}

/** A run as a Job. */
export type JobRun = PodRun & JobTimes;

/** How long finished pods are kept, with their logs, in seconds. */
const keptS = 86_400;

/** The most bytes of the annotation in which kubectl keeps what it applied. */
const mostAnnotatedBytes = 262_144;

/** Returns the YAML: a recipe as a comment, a ConfigMap if the pods read files, and the Job. */
export async function kubernetesManifest(run: JobRun): Promise<string> {
  const { Document } = await import('yaml');
  const resources = [...(run.files.length === 0 ? [] : [configMap(run)]), job(run)];
  const isHeavy = resources.some((resource) => Buffer.byteLength(JSON.stringify(resource)) > mostAnnotatedBytes);
  // kubectl reads YAML 1.1, in which more words are numbers or booleans than in 1.2
  const documents = resources.map(
    (resource) => new Document(resource, { version: '1.1', aliasDuplicateObjects: false }),
  );
  const text = documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n');
  const comment = recipe(run, isHeavy)
    .replace(/^(?=.)/gm, '# ')
    .replace(/^# >/gm, '#>');
  return `${comment.replace(/^$/gm, '#')}\n${text}`;
}

function metadata({ name, labels }: PodRun): object {
  return { name, labels };
}

function configMap(run: PodRun): object {
  const texts = run.files.filter(({ content }) => isUtf8(content));
  const others = run.files.filter(({ content }) => !isUtf8(content));
  const entries = (files: PodRun['files'], encoding: 'utf8' | 'base64') =>
    Object.fromEntries(files.map(({ key, content }) => [key, content.toString(encoding)]));
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(run),
    data: entries(texts, 'utf8'),
    ...(others.length === 0 ? {} : { binaryData: entries(others, 'base64') }),
  };
}

/** Returns the Job. No index is retried: a second run of a part would not run at the time of the others. */
function job(run: JobRun): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(run),
    spec: {
      completionMode: 'Indexed',
      completions: run.shards,
      parallelism: run.shards,
      backoffLimitPerIndex: 0,
      ...(run.deadlineS === undefined ? {} : { activeDeadlineSeconds: run.deadlineS }),
      ttlSecondsAfterFinished: keptS,
      template: podTemplate(run),
    },
  };
}
