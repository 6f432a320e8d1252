/** `polo-accounts doctor` as a user has it: what it finds, what it exits with, and that it never keeps anybody waiting. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  DIGEST_SCHEDULE_ID,
  DISCOVERY_SCHEDULE_ID,
  REPORT_SCHEDULE_ID,
  type CheckSetupResult,
  type SetupCheck,
} from '../domain/contract.ts';
import { WORKER_CHECKS } from '../domain/doctor.ts';
import { freePort } from '../local/ports.ts';
import { callCounts, forgetCalls, startPoloOnServer, type PoloOnServer } from './support/discovery.ts';
import { histories, textsIn } from './support/histories.ts';
import { startPolo, type Polo, type WorkerProcess } from './support/polo.ts';
import { leaksIn } from './support/secrets.ts';
import { startRefusingTemporal } from './support/refusingTemporal.ts';
import { TIMEOUT } from './support/scale.ts';
import { until } from './support/waiting.ts';

const SCHEDULES = [DISCOVERY_SCHEDULE_ID, REPORT_SCHEDULE_ID, DIGEST_SCHEDULE_ID];

const NAMES = ['Temporal', 'Worker', ...WORKER_CHECKS, ...SCHEDULES.map((id) => `Schedule ${id}`)];

/** The longest that anybody waits: the checks of the worker, and what starting the command takes on a busy machine. */
const PATIENCE_MS = 45_000;

interface Answer {
  code: number;
  took: number;
  diagnosis: CheckSetupResult;
  /** The checks that aren't ok, by name. */
  unwell: Record<string, SetupCheck>;
}

const askDoctor = async (polo: Polo): Promise<Answer> => {
  const begin = Date.now();
  const { code, stdout } = await polo.cli('doctor', '--json');
  const diagnosis = JSON.parse(stdout) as CheckSetupResult;
  assert.deepEqual(
    diagnosis.checks.map(({ name }) => name),
    NAMES,
  );
  const unwell = Object.fromEntries(
    diagnosis.checks.filter(({ status }) => status !== 'ok').map((check) => [check.name, check]),
  );
  return { code, took: Date.now() - begin, diagnosis, unwell };
};

/** Status, beginning of what was found, and anchor, by name. */
const told = (unwell: Answer['unwell']): Record<string, unknown[]> =>
  Object.fromEntries(
    Object.values(unwell).map(({ name, status, found, runbook }) => [name, [status, found.split(':')[0], runbook]]),
  );

describe('polo-accounts doctor', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  let worker: WorkerProcess;
  before(async () => {
    polo = await startPolo({ worker: false });
  });
  after(() => polo.stop());

  it('answers within seconds where no worker polls, starts nothing, and says what is not checked because of that', async () => {
    const { code, took, diagnosis, unwell } = await askDoctor(polo);
    assert.equal(code, 1);
    assert.ok(took < 15_000, String(took));
    assert.equal(diagnosis.status, 'failure');
    const { status, found, nextStep, runbook } = unwell['Worker'] ?? assert.fail('no such check');
    assert.deepEqual([status, runbook], ['failure', 'operations/worker.md#start']);
    assert.match(found, new RegExp(`^none polls task queue polo-accounts in namespace ${polo.namespace}$`));
    assert.match(nextStep ?? '', /npm run worker/);
    for (const name of WORKER_CHECKS) {
      assert.deepEqual(unwell[name], { name, status: 'not_checked', found: 'not checked: no worker answers' });
    }
    assert.equal((await polo.client.workflow.count()).count, 0);
  });

  it('warns of what is not there yet before the first discovery, and of paused schedules, and exits with 0', async () => {
    worker = await polo.startWorker();
    const { code, diagnosis, unwell } = await askDoctor(polo);
    assert.equal(code, 0);
    assert.equal(diagnosis.status, 'warning');
    assert.deepEqual(told(unwell), {
      'Account list': ['warning', 'no discovery has ever completed', 'operations/failures.md#listing-failed'],
      AssumeRole: [
        'warning',
        'no account is active yet, so no role was tried',
        'operations/new-account.md#automatic-path',
      ],
      ...Object.fromEntries(
        SCHEDULES.map((id) => [
          `Schedule ${id}`,
          ['warning', 'paused, has not run yet', 'operations/worker.md#schedules'],
        ]),
      ),
    });
  });

  it('finds all well after a discovery, with the schedules applied: a line each, exit 0, nothing written', async () => {
    await polo.discover();
    assert.equal((await polo.cli('schedules', 'apply')).code, 0);
    for (const id of SCHEDULES) await polo.client.schedule.getHandle(id).unpause();
    const before = [await polo.accounts(), await polo.history()];
    await forgetCalls(polo);

    const { code, stdout, stderr } = await polo.cli('doctor');
    assert.equal(code, 0, stdout);
    const lines = stdout.trimEnd().split('\n');
    assert.deepEqual(
      lines.slice(0, -2).map((line) => /^✓ (.+?): ./.exec(line)?.[1]),
      NAMES,
    );
    assert.equal(lines.at(-1), '11 ok.');
    assert.match(stdout, /^✓ AssumeRole: .+ \(\d{12}\): read role works, action role works$/m);
    assert.match(stdout, /^✓ Schedule polo-weekly-digest: has not run yet, next \d{4}-\d\d-\d\d 08:00Z$/m);
    assert.match(stderr, /^Checking Polo's setup …$/m);
    assert.deepEqual(Object.keys(await callCounts(polo)).sort(), [
      'cloudformation.DescribeStackSet',
      'organizations.DescribeOrganization',
      'organizations.ListRoots',
      'sts.AssumeRole',
    ]);
    assert.deepEqual([await polo.accounts(), await polo.history()], before);
  });

  it('tells of each schedule that is missing or paused, with the note of whoever paused it', async () => {
    await polo.client.schedule.getHandle(REPORT_SCHEDULE_ID).pause('nothing during the migration');
    await polo.client.schedule.getHandle(DIGEST_SCHEDULE_ID).delete();
    const { code, unwell } = await askDoctor(polo);
    assert.equal(code, 1);
    assert.deepEqual(unwell, {
      [`Schedule ${REPORT_SCHEDULE_ID}`]: {
        name: `Schedule ${REPORT_SCHEDULE_ID}`,
        status: 'warning',
        found: 'paused (nothing during the migration), has not run yet',
        nextStep: 'temporal schedule toggle --schedule-id polo-report-coverage --unpause',
        runbook: 'operations/worker.md#schedules',
      },
      [`Schedule ${DIGEST_SCHEDULE_ID}`]: {
        name: `Schedule ${DIGEST_SCHEDULE_ID}`,
        status: 'failure',
        found: 'missing',
        nextStep: 'polo-accounts schedules apply',
        runbook: 'operations/worker.md#schedules',
      },
    });
    assert.equal((await polo.cli('schedules', 'apply')).code, 0);
    await polo.client.schedule.getHandle(REPORT_SCHEDULE_ID).unpause();
    assert.deepEqual((await askDoctor(polo)).unwell, {});
  });

  it('finds an account that refuses its roles, and what AWS said', async () => {
    const { diagnosis } = await askDoctor(polo);
    const tried = diagnosis.checks.find(({ name }) => name === 'AssumeRole')?.found ?? '';
    const accountId = /\((\d{12})\)/.exec(tried)?.[1] ?? '';
    await polo.change(accountId, { roles: { action: 'refused' } });
    const lesser = await askDoctor(polo);
    assert.equal(lesser.code, 0);
    assert.equal(lesser.unwell['AssumeRole']?.status, 'warning');
    assert.equal(lesser.unwell['AssumeRole'].runbook, 'operations/failures.md#action-role-refused');
    await polo.change(accountId, { roles: { read: 'refused' } });
    const { code, unwell } = await askDoctor(polo);
    assert.equal(code, 1);
    assert.match(
      unwell['AssumeRole']?.found ?? '',
      new RegExp(`\\(${accountId}\\): read role refused: AccessDenied: `),
    );
    assert.match(unwell['AssumeRole']?.nextStep ?? '', new RegExp(`^polo-accounts verify ${accountId};`));
    assert.deepEqual(Object.keys(unwell), ['AssumeRole']);
    await polo.change(accountId, { roles: { read: 'works', action: 'works' } });
  });

  it('finds that AWS does not let the hub list the organization, though it may describe it', async () => {
    await polo.control('PATCH', '/settings', { hub: 'member' });
    const { code, unwell } = await askDoctor(polo);
    assert.equal(code, 1);
    assert.deepEqual(told(unwell), {
      Organizations: ['failure', 'NotEntitled', 'operations/failures.md#not-entitled'],
      StackSet: ['failure', 'StackSetMissing', 'operations/failures.md#stack-set-missing'],
    });
    await polo.control('PATCH', '/settings', { hub: 'management' });
  });

  it('finds wrong credentials, and another organization than the one in the registry', async () => {
    await polo.faults({ hubCredentials: 'expired' });
    const expired = await askDoctor(polo);
    assert.equal(expired.code, 1);
    assert.equal(expired.unwell['Organizations']?.runbook, 'operations/failures.md#hub-credentials');
    assert.equal(expired.unwell['AssumeRole']?.status, 'failure');
    await polo.faults({ organizationId: 'o-another0000' });
    const other = await askDoctor(polo);
    assert.equal(other.code, 1);
    assert.match(
      other.unwell['Organizations']?.found ?? '',
      /^WrongOrganization: the registry holds organization o-\w+, AWS answers for o-another0000$/,
    );
    await polo.faults({});
  });

  it('does not wait for an AWS that throttles or hangs, and the Temporal UI tells the same', async () => {
    await polo.faults({
      rules: [
        { service: 'organizations', effect: 'throttle' },
        { service: 'cloudformation', effect: 'hang' },
        { service: 'sts', effect: 'hang' },
      ],
    });
    const [{ code, took, unwell }, result] = await Promise.all([
      askDoctor(polo),
      polo.run<CheckSetupResult>('checkSetup', undefined, 'typed-in-the-ui'),
    ]);
    await polo.faults({});
    assert.equal(code, 1);
    assert.ok(took < PATIENCE_MS, String(took));
    assert.deepEqual(
      Object.values(unwell).map(({ name, status, runbook }) => [name, status, runbook]),
      [
        ['Organizations', 'failure', 'operations/failures.md#organizations-unavailable'],
        ['StackSet', 'failure', 'operations/failures.md#stack-set-unreadable'],
        ['AssumeRole', 'failure', 'operations/failures.md#verification-inconclusive'],
      ],
    );
    assert.equal(result.status, 'failure');
    assert.deepEqual(
      result.checks.map(({ name }) => name),
      WORKER_CHECKS,
    );
    const { currentDetails } = await polo.client.workflow
      .getHandle('typed-in-the-ui')
      .query<{ currentDetails: string }>('__temporal_workflow_metadata');
    assert.match(currentDetails, /^3 failures, 3 ok\.$/m);
    assert.match(
      currentDetails,
      /^- ✗ StackSet: StackSetUnreadable: .*no answer within 9 s\n {4}Next: .+\n {4}Runbook: /m,
    );
  });

  it('finds a StackSet that is not there by this name, and a worker without the external id that the roles demand', async () => {
    assert.equal(await worker.signal('SIGTERM'), 0);
    worker = await polo.startWorker({ POLO_STACK_SET_NAME: 'mistyped', POLO_EXTERNAL_ID: '' });
    const { code, unwell } = await askDoctor(polo);
    assert.equal(code, 1);
    assert.deepEqual(Object.keys(unwell), ['StackSet', 'AssumeRole', 'External id']);
    assert.match(unwell['StackSet']?.found ?? '', /^StackSetMissing: StackSet mistyped in us-east-1 \(call as SELF\)/);
    assert.match(unwell['StackSet']?.nextStep ?? '', /POLO_STACK_SET_NAME/);
    assert.equal(unwell['AssumeRole']?.runbook, 'operations/failures.md#read-role-refused');
    assert.deepEqual(
      [unwell['External id']?.status, unwell['External id']?.runbook],
      ['warning', 'operations/worker.md#roles'],
    );
  });

  it('gives up a worker that polled and is gone, and leaves no run behind', async () => {
    await worker.signal('SIGKILL');
    const { code, took, unwell } = await askDoctor(polo);
    assert.equal(code, 1);
    assert.ok(took < PATIENCE_MS, String(took));
    assert.match(unwell['Worker']?.found ?? '', /^one polled task queue polo-accounts \d+ s ago, and did not do/);
    assert.equal(unwell['Registry']?.status, 'not_checked');
    // What is counted lags behind.
    await until(async () => (await polo.client.workflow.count(`ExecutionStatus = 'Running'`)).count === 0 || undefined);
  });

  it('keeps secrets out of all histories', async () => {
    let found = 0;
    for await (const { history } of histories(polo.client, `WorkflowType = 'checkSetup'`)) {
      for (const text of textsIn(history)) {
        assert.deepEqual(leaksIn(text), []);
        if (text.includes(':role/test-PoloReadRole')) found++;
      }
    }
    assert.ok(found > 0, 'what the roles said is in the histories, or nothing is proven');
  });

  it('exits with 2 on wrong usage', async () => {
    for (const args of [
      ['doctor', 'all'],
      ['doctor', '--fix'],
    ]) {
      const { code, stdout } = await polo.cli(...args, '--json');
      assert.equal(code, 2, args.join(' '));
      assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'InvalidInput');
    }
  });

  /** Another environment than that of Polo. */
  const elsewhere = async (env: Record<string, string>): Promise<{ code: number; stdout: string; stderr: string }> => {
    const child = spawn(process.execPath, ['lib/client/main.js', 'doctor', '--json'], {
      env: { ...polo.environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += String(chunk)));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  };

  it('exits with 3 where no Temporal answers, and names the address', async () => {
    const address = `127.0.0.1:${String(await freePort(0))}`;
    const { code, stdout, stderr } = await elsewhere({ TEMPORAL_ADDRESS: address });
    assert.equal(code, 3);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.equal(error.code, 'TemporalUnreachable');
    assert.match(error.message, new RegExp(`^Temporal at ${address} does not answer`));
    assert.match(stderr, /^Runbook: operations\/failures\.md#temporal-unreachable$/m);
  });

  it('exits with 2 where Temporal refuses the credentials, and says which are meant', async () => {
    const refusing = await startRefusingTemporal('Request unauthorized.');
    const { code, stdout, stderr } = await elsewhere({ TEMPORAL_ADDRESS: refusing.address });
    refusing.stop();
    assert.equal(code, 2);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.equal(error.code, 'InvalidConfiguration');
    assert.match(error.message, /^TEMPORAL_API_KEY, TEMPORAL_TLS_\*: expected .+ says: Request unauthorized\. Next: /);
    assert.match(stderr, /^Runbook: operations\/failures\.md#invalid-configuration$/m);
  });

  it('exits with 2 where the namespace does not exist, and names it', async () => {
    const { code, stdout } = await elsewhere({ TEMPORAL_NAMESPACE: 'nowhere' });
    assert.equal(code, 2);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.deepEqual(error, {
      code: 'InvalidConfiguration',
      message: 'TEMPORAL_NAMESPACE: expected a namespace of the server, got "nowhere"',
    });
  });
});

describe('polo-accounts doctor on a ClickHouse server', function () {
  this.timeout(TIMEOUT);
  let polo: PoloOnServer;
  before(async () => {
    polo = await startPoloOnServer({ accounts: 3 });
    await polo.discover();
  });
  after(() => polo.stop());

  /** What depends on the registry is not blamed for it; the rest is checked all the same. */
  const assertOnlyRegistryFails = ({ code, unwell, diagnosis }: Answer): void => {
    assert.equal(code, 1);
    for (const name of ['Account list', 'AssumeRole']) {
      assert.equal(unwell[name]?.found, 'not checked: the registry comes first');
    }
    assert.deepEqual(
      diagnosis.checks.filter(({ status }) => status === 'failure').map(({ name }) => name),
      ['Registry'],
    );
  };

  it('names every table and column that was changed while the worker runs, and alters nothing', async () => {
    const alter = (statement: string): Promise<void> => polo.database.run('setup', `ALTER TABLE polo.${statement}`);
    await alter('aws_accounts ADD COLUMN cost_center String');
    await alter('aws_account_events DROP COLUMN run_id');
    const answer = await askDoctor(polo);
    assertOnlyRegistryFails(answer);
    const { found = '', runbook } = answer.unwell['Registry'] ?? {};
    assert.match(found, /^RegistryShape: /);
    assert.match(found, /^- polo\.aws_accounts: column cost_center is not known, and every write would wipe it$/m);
    assert.match(found, /^- polo\.aws_account_events: column run_id is missing, or not granted to user polo$/m);
    assert.equal(runbook, 'operations/failures.md#registry-shape');
    const { stdout } = await polo.cli('doctor');
    assert.match(
      stdout,
      /^✗ Registry: RegistryShape: .*\n {4}- polo\.aws_accounts: .*\n {4}- polo\.aws_account_events: /m,
    );
    await alter('aws_accounts DROP COLUMN cost_center');
    await alter('aws_account_events ADD COLUMN run_id String');
    assert.equal((await askDoctor(polo)).unwell['Registry'], undefined);
  });

  it('does not wait for a ClickHouse that hangs, or is gone', async () => {
    process.kill(polo.clickhouse.pid() ?? 0, 'SIGSTOP');
    const hanging = await askDoctor(polo);
    process.kill(polo.clickhouse.pid() ?? 0, 'SIGCONT');
    assertOnlyRegistryFails(hanging);
    assert.ok(hanging.took < PATIENCE_MS, String(hanging.took));
    assert.equal(hanging.unwell['Registry']?.found, 'RegistryUnavailable: checkTables: no answer within 9 s');
    await polo.clickhouse.kill();
    const gone = await askDoctor(polo);
    await polo.clickhouse.start();
    assertOnlyRegistryFails(gone);
    assert.match(gone.unwell['Registry']?.found ?? '', /^RegistryUnavailable: .*no answer from ClickHouse/);
  });
});
