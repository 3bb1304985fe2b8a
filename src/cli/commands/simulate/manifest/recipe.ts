import { secretNames, type PodRun } from './pod.ts';

/** The image that holds Node and npm, where none is named. */
export const nodeImage = 'node:22-slim';

/** Returns the three lines of a Dockerfile for `--image`. */
export function dockerfile(version: string): string[] {
  const tarball = `devicehive-cli-${version}.tgz`;
  return [`FROM ${nodeImage}`, `COPY ${tarball} /tmp/`, `RUN npm install --global --omit=optional /tmp/${tarball}`];
}

/**
 * Returns the comment over the YAML: how to run it, and how to collect the results from the logs. Lines that begin with
 * `>` are a script for any POSIX shell.
 */
export function recipe(run: PodRun & { readonly deadlineS: number | undefined }, isHeavy: boolean): string {
  const { shards, deadlineS } = run;
  const apply = isHeavy
    ? [
        'Start it; kubectl on its own would keep a copy in an annotation, which is too small for it:',
        'kubectl apply --server-side',
      ]
    : ['Start it:', 'kubectl apply'];
  return `
A simulation in ${shards === 1 ? 'one part' : `${shards} parts`}: an Indexed Job, one pod for each part.

${preparation(run)}

All that begins with #> at once:
  sed -n 's/^#> //p' simulation.yaml | sh

${apply[0]}
> ${apply[1]} -f simulation.yaml
Follow the log of each part from its start: a pod that is deleted takes its own along. Of several readings the longest stays.
${follow(run)}
${waiting(deadlineS, run.name)}
> until ended; do sleep 5; done; wait
What is still there is read once more, in case that following it broke off:
> for part in $(seq 0 ${shards - 1}); do read_log "$part"; done
Add the results. Only the whole is judged; a part without a result is named as missing (exit code 11).
> devicehive report merge "$job"/shard-*.log --report "$job/run.html"

The Job goes a day after its end. All of it at once: kubectl delete -f simulation.yaml
`.trim();
}

function preparation({ credentials, program, version, secrets }: PodRun): string {
  const secret = `kubectl create secret generic ${secretNames[credentials]}`;
  const login = `Once in a namespace, the login that the devices use:
  ${secret} --from-literal=login=LOGIN --from-file=password=FILE`;
  const token = `Once in a namespace, the token that the devices use:
  ${secret} --from-file=token=FILE`;
  const image = `
The image, unless it is there: npm pack in a clone of devicehive-cli, and a Dockerfile:
${dockerfile(version)
  .map((line) => `  ${line}`)
  .join('\n')}`;
  const keys = secrets.map(({ key }) => ` --from-file=${key}=FILE`).join('');
  const flags = secrets.map(({ flag }) => flag).join(', ');
  const connection =
    secrets.length === 0
      ? ''
      : `
And what the connection needs, the files of ${flags}:
  kubectl create secret generic ${secretNames.connection}${keys}`;
  return `${credentials === 'login' ? login : token}${connection}${program.kind === 'image' ? image : ''}`;
}

function follow({ name, shards }: PodRun): string {
  return `
> job=${name}
> pods=batch.kubernetes.io/job-name=$job,batch.kubernetes.io/job-completion-index
> mkdir -p "$job"; rm -f "$job"/shard-*.log
> ended() { state=$(kubectl get job "$job" --ignore-not-found -o 'jsonpath=:{.status.conditions[?(@.status=="True")].type}' 2> /dev/null) && case "$state" in ('' | *Complete* | *Failed*) true;; (*) false;; esac; }
> size() { 2> /dev/null wc -c < "$1" || echo 0; }
> read_log() {
>   kubectl logs --tail=-1 --container simulator --selector "$pods=$1" $2 > "$job/read-$1" 2> /dev/null; code=$?
>   if [ "$(size "$job/read-$1")" -ge "$(size "$job/shard-$1.log")" ]; then mv "$job/read-$1" "$job/shard-$1.log"; else rm "$job/read-$1"; fi
>   return $code
> }
> follow() { until read_log "$1" --follow && [ -s "$job/shard-$1.log" ]; do ended && break; sleep 2; done; }
> for part in $(seq 0 ${shards - 1}); do follow "$part" & done`.trim();
}

function waiting(deadlineS: number | undefined, name: string): string {
  if (deadlineS === undefined)
    return `Wait until it is ended: the plan has no end. kubectl delete job ${name} lets each part print its result.`;
  return `Wait until the Job is complete or failed, which takes ${Math.ceil(deadlineS / 60)} minutes at most:`;
}
