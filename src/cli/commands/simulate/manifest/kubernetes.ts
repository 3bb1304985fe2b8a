/** The run that the pods play. */
export interface KubernetesRun {
  readonly plan: { readonly name: string; readonly text: string } | undefined;
  /** Flags of `simulate run` besides the plan. */
  readonly args: readonly string[];
  readonly url: string;
  readonly shards: number;
  /** Of this program. */
  readonly version: string;
  readonly image: string;
}

const name = 'devicehive-simulation';

const howTo = (shards: number) => ` A simulation in ${shards} parts: an Indexed Job, one pod for each part.

 The login that the devices use:
   kubectl create secret generic devicehive --from-literal=login=LOGIN --from-file=password=FILE
 Run it, and wait until all parts are done:
   kubectl apply -f simulation.yaml
   kubectl wait --for=condition=complete job/${name} --timeout=1h
 Each pod prints its result; together they are the whole run, and only then the assertions are judged:
   for i in $(seq 0 ${shards - 1}); do kubectl logs -l job-name=${name},batch.kubernetes.io/job-completion-index=$i --tail=-1 > shard-$i.json; done
   devicehive report merge shard-*.json --report run.html`;

/** Plain YAML: a ConfigMap with the plan, and the Job. */
export async function kubernetesManifest(run: KubernetesRun): Promise<string> {
  const { Document } = await import('yaml');
  const documents = [...(run.plan === undefined ? [] : [configMap(run.plan)]), job(run)].map(
    (value) => new Document(value),
  );
  const [first] = documents;
  if (first !== undefined) first.commentBefore = howTo(run.shards);
  return documents.map((document) => document.toString({ lineWidth: 0 })).join('---\n');
}

function configMap(plan: { readonly name: string; readonly text: string }): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { [plan.name]: plan.text } };
}

function job(run: KubernetesRun): object {
  const volumes = [
    { name: 'login', secret: { secretName: 'devicehive', defaultMode: 0o440 } },
    { name: 'home', emptyDir: {} },
    ...(run.plan === undefined ? [] : [{ name: 'plan', configMap: { name } }]),
  ];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      completionMode: 'Indexed',
      completions: run.shards,
      parallelism: run.shards,
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
          containers: [container(run)],
          volumes,
        },
      },
    },
  };
}

/** The pod learns from JOB_COMPLETION_INDEX which part it is. */
function container({ plan, args, url, shards, version, image }: KubernetesRun): object {
  const command = ['npx', '--yes', '-p', `devicehive-cli@${version}`, 'devicehive', 'simulate', 'run'];
  return {
    name: 'devices',
    image,
    command: [
      ...command,
      ...(plan === undefined ? [] : [`/plan/${plan.name}`]),
      '--shards',
      String(shards),
      '--json',
      ...args,
    ],
    env: [
      { name: 'HOME', value: '/home/devices' },
      { name: 'DEVICEHIVE_URL', value: url },
      { name: 'DEVICEHIVE_LOGIN', valueFrom: { secretKeyRef: { name: 'devicehive', key: 'login' } } },
      { name: 'DEVICEHIVE_PASSWORD_FILE', value: '/login/password' },
    ],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'login', mountPath: '/login', readOnly: true },
      { name: 'home', mountPath: '/home/devices' },
      ...(plan === undefined ? [] : [{ name: 'plan', mountPath: '/plan', readOnly: true }]),
    ],
  };
}
