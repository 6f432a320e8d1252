import assert from 'node:assert/strict';
import type { AccountEvent, AccountRow, Coverage, DiscoverAccountsResult } from '../domain/contract.ts';
import { startPolo, type Polo } from './support/polo.ts';

describe('polo-accounts', function () {
  this.timeout(60_000);
  let polo: Polo;
  before(async () => {
    polo = await startPolo();
  });
  after(() => polo.stop());

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows what the command prints
  const json = async <Answer>(...args: string[]): Promise<{ code: number; answer: Answer }> => {
    const { code, stdout } = await polo.cli(...args, '--json');
    return { code, answer: JSON.parse(stdout) as Answer };
  };
  const idOf = async (status: string): Promise<string> => {
    const account = (await polo.organization()).find(({ expected }) => expected.polo_status === status);
    return account?.id ?? '';
  };

  it('says before the first discovery that nothing is known yet, and what to do', async () => {
    const { code, answer } = await json<Coverage>('coverage');
    assert.equal(code, 1);
    assert.equal(answer.status, 'never_ran');
    assert.match(answer.sentence, /polo-accounts discover/);
    assert.match((await polo.cli('accounts')).stderr, /polo-accounts discover/);
  });

  it('discovers with progress on stderr and the result alone on stdout', async () => {
    const { code, stdout, stderr } = await polo.cli('discover', '--json');
    const result = JSON.parse(stdout) as DiscoverAccountsResult;
    assert.equal(code, 0);
    assert.equal(result.listed, 24);
    assert.equal(result.complete, true);
    assert.match(stderr, /accounts/);
  });

  it('lists accounts with the columns of the registry, times in ISO 8601 and versions as text', async () => {
    const { code, answer } = await json<AccountRow[]>('accounts');
    assert.equal(code, 0);
    assert.equal(answer.length, 24);
    for (const row of answer) {
      assert.match(row.account_id, /^\d{12}$/);
      assert.match(row.discovered_at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.equal(row.last_successful_scan, null);
      assert.equal(typeof row._version, 'string');
    }
    const { answer: pending } = await json<AccountRow[]>('accounts', '--status', 'pending_setup');
    assert.deepEqual([...new Set(pending.map((row) => row.polo_status))], ['pending_setup']);
  });

  it('shows names of other people without letting them control the terminal', async () => {
    const [row] = await polo.organization();
    await polo.change(row?.id ?? '', { name: 'evil\u001b[2Jname' });
    await polo.discover();
    const { stdout } = await polo.cli('accounts');
    assert.ok(!stdout.includes('\u001b'));
    assert.match(stdout, /evil/);
  });

  it('exits with 1 from coverage while there are gaps, naming each with its next step', async () => {
    const { code, answer } = await json<Coverage>('coverage');
    assert.equal(code, 1);
    assert.equal(answer.status, 'gaps');
    assert.equal(answer.total, 21);
    assert.equal(answer.gaps.length, answer.total - answer.covered);
    assert.ok(answer.gaps.every((gap) => gap.nextStep !== ''));
  });

  it('verifies: exit 0 for an active account, 1 for one that is not', async () => {
    const active = await json<AccountRow>('verify', await idOf('active'));
    assert.deepEqual([active.code, active.answer.polo_status], [0, 'active']);
    const refused = await json<AccountRow>('verify', await idOf('no_access'));
    assert.deepEqual([refused.code, refused.answer.polo_status], [1, 'no_access']);
  });

  it('excludes and includes an account, and its history tells who did it and why', async () => {
    const id = await idOf('active');
    const excluded = await json<AccountRow>(
      'exclude',
      id,
      '--reason',
      'merger',
      '--until',
      '2999-12-31',
      '--by',
      'kim',
    );
    assert.equal(excluded.answer.polo_status, 'excluded');
    assert.equal(excluded.answer.last_scan_error, 'excluded by kim: merger');
    const included = await json<AccountRow>('include', id, '--by', 'lee');
    assert.equal(included.answer.polo_status, 'active');
    const { answer: history } = await json<AccountEvent[]>('history', id);
    const acts = history.filter(({ kind }) => kind === 'excluded' || kind === 'included');
    assert.deepEqual(
      acts.map(({ kind, actor, reason, until }) => ({ kind, actor, reason, until })),
      [
        { kind: 'excluded', actor: 'kim', reason: 'merger', until: '2999-12-31T23:59:59.999Z' },
        { kind: 'included', actor: 'lee', reason: 'was excluded by kim: merger', until: null },
      ],
    );
  });

  it('exits with 1 from discover where an account could not be judged, or failed, which is not complete', async () => {
    const [unclear, failing] = (await polo.organization()).filter(({ expected }) => expected.polo_status === 'active');
    const id = failing?.id ?? '';
    await polo.change(unclear?.id ?? '', { assumeRole: 'ExpiredToken' });
    const unjudged = await json<DiscoverAccountsResult>('discover', '--accept-refusals');
    const { complete, inconclusive, failed } = unjudged.answer;
    assert.deepEqual([unjudged.code, complete, inconclusive, failed], [1, true, 1, 0]);
    await polo.change(unclear?.id ?? '', { assumeRole: null });
    await polo.change(id, { assumeRole: 'ValidationError' });
    const broken = await json<DiscoverAccountsResult>('discover', '--accept-refusals');
    assert.deepEqual([broken.code, broken.answer.complete, broken.answer.failed], [1, false, 1]);
    assert.deepEqual(
      broken.answer.failures.map(({ accountId, code }) => [accountId, code]),
      [[id, 'VerificationInvalid']],
    );
    await polo.change(id, { assumeRole: null });
  });

  it('exits with 1 and names code and account where the organization has no such account', async () => {
    const { code, answer } = await json<{ error: { code: string; message: string } }>('verify', '999999999999');
    assert.equal(code, 1);
    assert.equal(answer.error.code, 'AccountNotFound');
    assert.match(answer.error.message, /999999999999/);
    const discovered = await json<DiscoverAccountsResult>('discover', '--account', '999999999999');
    assert.deepEqual([discovered.code, discovered.answer.complete], [1, false]);
    assert.deepEqual(
      discovered.answer.failures.map(({ accountId, code: failure }) => [accountId, failure]),
      [['999999999999', 'AccountNotFound']],
    );
  });

  it('exits with 2 on wrong usage: unknown command, malformed id, past date', async () => {
    const id = await idOf('active');
    const wrong = [['discove'], ['verify', '12'], ['exclude', id, '--reason', 'x', '--until', '2001-01-01']];
    for (const args of wrong) assert.equal((await polo.cli(...args)).code, 2, args.join(' '));
  });

  it('lists the schedules with their next runs, and applying them again keeps a pause', async () => {
    const handle = polo.client.schedule.getHandle('polo-discover-accounts');
    await handle.pause('maintenance');
    assert.equal((await polo.cli('schedules', 'apply')).code, 0);
    const { answer } = await json<{ id: string; paused: boolean; nextRuns: string[] }[]>('schedules', 'list');
    assert.deepEqual(
      answer.map(({ id, paused }) => ({ id, paused })),
      ['polo-discover-accounts', 'polo-report-coverage', 'polo-weekly-digest'].map((id) => ({ id, paused: true })),
    );
    assert.equal((await handle.describe()).state.note, 'maintenance');
  });
});
