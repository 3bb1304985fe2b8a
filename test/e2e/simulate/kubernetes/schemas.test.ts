import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { Home } from '../../../helpers/cli.ts';
import { printed, type Manifest } from './printed.ts';

/**
 * The JSON Schemas of Job and ConfigMap, strict, as the Python package kubernetes-validate 1.37.0 ships them (Apache
 * License 2.0), descriptions left out. Each definition stands under the first version that has it, and holds until the
 * next one given.
 */
interface Schemas {
  readonly versions: readonly string[];
  readonly definitions: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

const schemas = JSON.parse(readFileSync(new URL('./schemas.json', import.meta.url), 'utf8')) as Schemas;
const kinds = { Job: 'io.k8s.api.batch.v1.Job', ConfigMap: 'io.k8s.api.core.v1.ConfigMap' } as const;

function validators(version: string) {
  const until = schemas.versions.slice(0, schemas.versions.indexOf(version) + 1);
  const $defs = Object.fromEntries(
    Object.entries(schemas.definitions).map(([name, since]) => [name, since[until.findLast((v) => v in since) ?? '']]),
  );
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'kubernetes', $defs });
  return (kind: keyof typeof kinds) => ajv.compile({ $ref: `kubernetes#/$defs/${kinds[kind]}` });
}

const home = new Home();
after(() => home[Symbol.dispose]());
const plan = join(home.work, 'fleet.yaml');
const fleet = 'id: "sim-{index}", count: 4, notifications: [{ name: on, every: 1s }], behaviour: ./lamp.cjs';
writeFileSync(plan, `fleets: [{ ${fleet} }]\nload: { for: 1m }\n`);
writeFileSync(join(home.work, 'lamp.cjs'), 'exports.commands = { on: () => "done" };\n');
writeFileSync(join(home.work, 'ca.pem'), '-----BEGIN CERTIFICATE-----\n');

/** Manifests in which everything occurs that may be printed. */
async function manifests(): Promise<Manifest[]> {
  const all = [
    '--metrics',
    '9464',
    '--cleanup',
    '--ca',
    'ca.pem',
    '--header',
    'A: @ca.pem',
    '--on',
    'y=$(HOME) $$ after 1s',
    '--network',
    '7',
  ];
  return Promise.all([
    printed(home, [plan, '--shards', '4', '--package', '0.1.0', ...all]),
    printed(home, ['--devices', '2', '--id', '{index}', '--seed', '010', '--shards', '2']),
  ]);
}

describe('the schemas of Kubernetes', () => {
  it('take what is printed, from 1.29 to the newest', async () => {
    const all = await manifests();
    assert.deepEqual(
      all.map(({ code, stderr }) => [code, stderr]),
      all.map(() => [0, '']),
    );
    assert.equal(schemas.versions[0], '1.29');
    for (const version of schemas.versions) {
      const validator = validators(version);
      for (const resource of all.flatMap(({ resources }) => resources)) {
        const validate = validator((resource as { kind: keyof typeof kinds }).kind);
        assert.ok(validate(resource), `${version}: ${JSON.stringify(validate.errors)}`);
      }
    }
  });

  it('refuse fields that they do not know and values of another kind', () => {
    const validate = validators('1.34')('Job');
    const job = { apiVersion: 'batch/v1', kind: 'Job', spec: { template: {} } };
    assert.ok(validate(job));
    assert.ok(!validate({ ...job, spec: { template: {}, backofLimit: 0 } }));
    assert.ok(!validate({ ...job, spec: { template: {}, completions: '2' } }));
  });
});

describe('a printed pod', () => {
  it('is let in by Pod Security "restricted"', async () => {
    for (const { job } of await manifests()) {
      const { securityContext, containers, initContainers = [], volumes } = job.spec.template.spec;
      assert.equal(securityContext['runAsNonRoot'], true);
      assert.deepEqual(securityContext['seccompProfile'], { type: 'RuntimeDefault' });
      for (const container of [...containers, ...initContainers]) {
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        assert.ok(
          container.resources.requests['cpu'] !== undefined && container.resources.limits['memory'] !== undefined,
        );
      }
      const sources = volumes.flatMap((volume) => Object.keys(volume)).filter((key) => key !== 'name');
      assert.deepEqual(
        [...new Set(sources)].sort(),
        ['configMap', 'emptyDir', 'secret'].filter((s) => sources.includes(s)),
      );
    }
  });

  it('bears the recommended labels and spreads over nodes', async () => {
    const [{ job, configMap } = assert.fail()] = await manifests();
    for (const { labels } of [job.metadata, configMap?.metadata ?? job.metadata, job.spec.template.metadata]) {
      const keys = ['name', 'instance', 'version', 'component', 'managed-by'];
      assert.deepEqual(
        Object.keys(labels),
        keys.map((key) => `app.kubernetes.io/${key}`),
      );
      for (const label of Object.values(labels)) assert.match(label, /^(?=.{1,63}$)[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/);
    }
    const [spread] = job.spec.template.spec['topologySpreadConstraints' as 'volumes'] as unknown as [object];
    assert.deepEqual(spread, {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { 'app.kubernetes.io/instance': job.metadata.name } },
    });
  });
});
