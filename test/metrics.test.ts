/** What Prometheus gets from a worker, and the alert rules that watch it. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../local/ports.ts';
import { parse } from 'yaml';
import type { RegistryPage } from '../domain/contract.ts';
import { startPolo, type Polo, type WorkerProcess } from './support/polo.ts';

/** Values by name and label, e.g. `polo_accounts active`. */
const gaugesIn = (exposition: string): Map<string, number> =>
  new Map(
    [...exposition.matchAll(/^(polo_\w+)(?:\{([^}]*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => {
      const [, label] = /(?:status|reason)="(\w+)"/.exec(labels) ?? [];
      return [label === undefined ? name : `${name} ${label}`, Number(value)];
    }),
  );

interface AlertRule {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook: string };
}

const readRules = async (): Promise<AlertRule[]> => {
  const file = await readFile(new URL('../operations/alerts.yaml', import.meta.url), 'utf8');
  const { groups } = parse(file) as { groups: { rules: AlertRule[] }[] };
  return groups.flatMap(({ rules }) => rules);
};

/** The gauges that an expression names, with the labels that it selects. */
const gaugesNamedIn = (expression: string): string[] =>
  [...expression.matchAll(/(polo_\w+)(?:\{\w+=~?"([\w|]+)"\})?/g)].flatMap(([, name = '', values]) =>
    values === undefined ? [name] : values.split('|').map((value) => `${name} ${value}`),
  );

describe('gauges', function () {
  this.timeout(120_000);
  let polo: Polo;
  let worker: WorkerProcess;
  let metricsUrl: string;
  before(async () => {
    const address = `127.0.0.1:${String(await freePort(0))}`;
    metricsUrl = `http://${address}/metrics`;
    polo = await startPolo({ worker: false, env: { POLO_METRICS_ADDRESS: address } });
    worker = await polo.startWorker();
  });
  after(() => polo.stop());

  /** What a worker that just started tells; it reads coverage at once, and again after a minute. */
  const gauges = async (): Promise<Map<string, number>> => {
    for (;;) {
      const found = gaugesIn(await (await fetch(metricsUrl)).text());
      if (found.has('polo_coverage_read_timestamp_seconds')) return found;
      await sleep(100);
    }
  };

  it('say that no discovery ever completed', async () => {
    const found = await gauges();
    assert.equal(found.get('polo_last_complete_discovery_timestamp_seconds'), 0);
    assert.equal(found.get('polo_accounts active'), 0);
  });

  it('say what coverage says once an organization is discovered', async () => {
    await polo.discover();
    const { coverage } = await polo.run<RegistryPage>('readRegistry', { what: 'coverage' });
    assert.ok(coverage);
    await worker.signal('SIGTERM');
    worker = await polo.startWorker();
    const found = await gauges();
    for (const [status, accounts] of Object.entries(coverage.accountsByStatus)) {
      assert.equal(found.get(`polo_accounts ${status}`), accounts);
    }
    for (const [reason, accounts] of Object.entries(coverage.gapsByReason)) {
      assert.equal(found.get(`polo_coverage_gaps ${reason}`), accounts);
    }
    assert.ok((found.get('polo_accounts active') ?? 0) > 0);
    assert.ok((found.get('polo_coverage_gaps no_access') ?? 0) > 0);
    const last = found.get('polo_last_complete_discovery_timestamp_seconds') ?? 0;
    assert.equal(last, Date.parse(coverage.lastCompleteDiscoveryAt ?? '') / 1_000);
    const age = found.get('polo_last_complete_discovery_age_seconds') ?? -1;
    assert.ok(age > 0 && age < 120, `age of ${String(age)} s`);
    assert.equal(found.get('polo_slack_failing'), 0);
  });

  it('are the ones that the alert rules watch', async () => {
    const told = [...(await gauges()).keys()];
    const rules = await readRules();
    assert.deepEqual(
      [...new Set(rules.flatMap(({ expr }) => gaugesNamedIn(expr)).map((name) => name.split(' ')[0]))].sort(),
      [
        'polo_accounts',
        'polo_coverage_gaps',
        'polo_coverage_read_timestamp_seconds',
        'polo_last_complete_discovery_timestamp_seconds',
        'polo_slack_failing',
      ],
    );
    for (const { alert, expr } of rules) {
      for (const gauge of gaugesNamedIn(expr)) assert.ok(told.includes(gauge), `${alert} watches ${gauge}`);
    }
  });

  it('have alert rules that say what is wrong, how badly, and what to do', async () => {
    const runbook = await readFile(new URL('../operations/failures.md', import.meta.url), 'utf8');
    const anchors = [...runbook.matchAll(/^## (.+)$/gm)].map(
      ([, heading = '']) => `operations/failures.md#${heading.toLowerCase().replaceAll(' ', '-')}`,
    );
    for (const { alert, for: patience, labels, annotations } of await readRules()) {
      assert.match(patience, /^\d+[mhd]$/, alert);
      assert.match(labels.severity, /^(critical|warning|info)$/, alert);
      assert.ok(annotations.summary.length > 20 && annotations.description.length > 20, alert);
      assert.ok(anchors.includes(annotations.runbook), annotations.runbook);
    }
  });
});
