import assert from 'node:assert/strict';
import type { OnboardAccountResult, OnboardAccountsResult } from '../domain/contract.ts';
import { callCounts, idsByName } from './support/discovery.ts';
import {
  endOperationsSoon,
  newAccount,
  onboardingEvents,
  operationsOn,
  setStackSet,
  startOnboardingPolo,
} from './support/onboarding.ts';
import type { Polo } from './support/polo.ts';
import { TIMEOUT } from './support/scale.ts';
import { until } from './support/waiting.ts';

interface CliError {
  error: { code: string; message: string };
}

describe('polo-accounts onboard', function () {
  this.timeout(TIMEOUT);
  let polo: Polo;
  let idOf: (name: string) => string;
  before(async () => {
    polo = await startOnboardingPolo({
      env: { POLO_TEMPORAL_UI_URL: 'http://temporal.example/ui/', POLO_TIME_SCALE: '0.05' },
    });
    await polo.discover();
    idOf = await idsByName(polo);
  });
  after(() => polo.stop());

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows what the command prints
  const json = async <Answer>(...args: string[]): Promise<{ code: number; answer: Answer }> => {
    const { code, stdout } = await polo.cli('onboard', ...args, '--json');
    return { code, answer: JSON.parse(stdout) as Answer };
  };
  const statusOf = async (accountId: string): Promise<string> => (await polo.account(accountId)).polo_status;

  it('tells on stderr what it waits for, on stdout what came of it', async () => {
    const accountId = idOf('payments-development');
    await setStackSet(polo, { operationSeconds: 3_600 });
    const { said, ended } = polo.startCli('onboard', accountId);
    const waiting = new RegExp(
      `^payments-development \\(${accountId}\\): waiting for StackSet operation \\S+, \\d+ s, RUNNING$`,
      'm',
    );
    let over = false;
    const result = ended.finally(() => (over = true));
    await until(() => Promise.resolve(over || waiting.test(said()) || undefined));
    assert.match(said(), waiting);
    const [operation] = await operationsOn(polo, accountId);
    await polo.control('PATCH', `/operations/${operation?.operationId ?? ''}`, { status: 'SUCCEEDED' });
    await endOperationsSoon(polo);
    const { code, stdout } = await result;
    assert.equal(code, 0);
    assert.equal(stdout, `${accountId}: active (StackSet operation ${operation?.operationId ?? ''})\n`);
    assert.equal(await statusOf(accountId), 'active');
  });

  it('says of an active account that nothing was done', async () => {
    const accountId = idOf('payments-development');
    const { code, stdout } = await polo.cli('onboard', accountId);
    assert.deepEqual([code, stdout], [0, `${accountId}: already active, nothing was done\n`]);
  });

  it('prints the result of one account as JSON', async () => {
    const accountId = await newAccount(polo);
    const { code, answer } = await json<OnboardAccountResult>(accountId);
    const [operation] = await operationsOn(polo, accountId);
    assert.deepEqual(
      [code, answer.accountId, answer.outcome, answer.operationId],
      [0, accountId, 'promoted', operation?.operationId],
    );
  });

  it('exits with 1 for an account that can not be onboarded, with code, name and runbook', async () => {
    const accountId = idOf('Example Organization');
    const { code, stdout, stderr } = await polo.cli('onboard', accountId);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, new RegExp(`^ManagementAccount: Example Organization \\(${accountId}\\) is `, 'm'));
    assert.match(stderr, /^Runbook: operations\/failures\.md#management-account$/m);
    const failed = await json<CliError>(accountId);
    assert.deepEqual([failed.code, failed.answer.error.code], [1, 'ManagementAccount']);
  });

  it('onboards several accounts, and names those that fail with their runbooks', async () => {
    const accountId = await newAccount(polo);
    const management = idOf('Example Organization');
    const { code, stdout } = await polo.cli('onboard', accountId, '999999999999', management);
    assert.equal(code, 1);
    assert.match(stdout, /^3 accounts requested: 1 active, 2 failed\.$/m);
    assert.match(stdout, /^ {2}999999999999: AccountNotFound: the organization has no account 999999999999\./m);
    assert.match(
      stdout,
      new RegExp(`^  Example Organization \\(${management}\\): ManagementAccount: is the organization's`, 'm'),
    );
    assert.match(stdout, /^ {2}operations\/failures\.md#account-not-found$/m);
    assert.equal(await statusOf(accountId), 'active');

    const { answer, ...again } = await json<OnboardAccountsResult>(accountId, '999999999999');
    assert.equal(again.code, 1);
    assert.deepEqual([answer.requested, answer.active, answer.failed], [2, 1, 1]);
    assert.deepEqual(
      answer.failures.map((failure) => [failure.accountId, failure.code]),
      [['999999999999', 'AccountNotFound']],
    );
  });

  it('onboards the accounts of a unit and below that Polo has no access to, and no others', async () => {
    const [here, below] = [await newAccount(polo, { ou: '/Labs/A' }), await newAccount(polo, { ou: '/Labs/A/Deep' })];
    const beside = await newAccount(polo, { ou: '/Labs/A and more' });
    await polo.discover();
    const { code, answer } = await json<OnboardAccountsResult>('--org-unit', '/Labs/A');
    assert.equal(code, 0);
    assert.deepEqual(answer, { requested: 2, active: 2, failed: 0, failures: [] });
    const statuses = await Promise.all([here, below, beside].map(statusOf));
    assert.deepEqual(statuses, ['active', 'active', 'pending_setup']);

    const { code: again, stdout } = await polo.cli('onboard', '--org-unit', '/Labs/A');
    assert.equal(again, 0);
    assert.match(stdout, /^Nothing to onboard: .* in \/Labs\/A is pending_setup or no_access\.\n$/);
  });

  it('exits with 2 for a unit in which there is no account at all', async () => {
    const { code, stderr } = await polo.cli('onboard', '--org-unit', '/Lab/A');
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^InvalidInput: .* expected a unit with accounts in it or below, got "\/Lab\/A"\. Next: polo-accounts accounts/m,
    );
  });

  it('onboards all that is pending but the management account', async () => {
    for (const { operationId, status } of await polo.control<{ operationId: string; status: string }[]>(
      'GET',
      '/operations',
    )) {
      if (status === 'RUNNING') await polo.control('PATCH', `/operations/${operationId}`, { status: 'FAILED' });
    }
    const management = idOf('Example Organization');
    const told = await onboardingEvents(polo, management);
    const pending = (await polo.accounts()).filter(
      ({ account_id, polo_status }) => polo_status === 'pending_setup' && account_id !== management,
    );
    assert.ok(pending.length >= 4);
    const { code, answer } = await json<OnboardAccountsResult>('--all-pending');
    assert.equal(code, 0);
    assert.deepEqual(answer, { requested: pending.length, active: pending.length, failed: 0, failures: [] });
    const left = (await polo.accounts()).filter(({ polo_status }) => polo_status === 'pending_setup');
    assert.deepEqual(
      left.map(({ account_id }) => account_id),
      [management],
    );
    assert.deepEqual(await onboardingEvents(polo, management), told);

    const { code: again, stdout } = await polo.cli('onboard', '--all-pending');
    assert.equal(again, 0);
    assert.match(stdout, /^Nothing to onboard: .* none is pending_setup\.\n$/);
  });

  it('exits with 2 on wrong usage, and starts nothing', async () => {
    const accountId = await newAccount(polo);
    const before = await callCounts(polo);
    const wrong = [
      [],
      [accountId, '--all-pending'],
      ['--all-pending', '--org-unit', '/'],
      ['12'],
      ['--org-unit', 'Labs/A'],
      ['--instructions'],
      ['--instructions', '--all-pending'],
    ];
    for (const args of wrong) {
      const { code, answer } = await json<CliError>(...args);
      assert.deepEqual([code, answer.error.code], [2, 'InvalidInput'], args.join(' '));
    }
    assert.deepEqual(await callCounts(polo), before);
  });

  it('prints instructions whose link to the Temporal UI has all that starts the onboarding', async () => {
    const accountId = await newAccount(polo);
    const { code, stdout } = await polo.cli('onboard', accountId, '--instructions');
    assert.equal(code, 0);
    const link = new URL(/Temporal UI: +(\S+)/.exec(stdout)?.[1] ?? '');
    assert.equal(
      `${link.origin}${link.pathname}`,
      `http://temporal.example/ui/namespaces/${polo.namespace}/workflows/start-workflow`,
    );
    const { workflowId, taskQueue, workflowType, ...more } = Object.fromEntries(link.searchParams);
    assert.ok(workflowId !== undefined && taskQueue !== undefined && workflowType !== undefined);
    assert.deepEqual(more, {});
    assert.match(stdout, new RegExp(`Command line: polo-accounts onboard ${accountId}$`, 'm'));
    assert.match(stdout, new RegExp(`create-stack-instances .*Accounts=${accountId},AccountFilterType=INTERSECTION`));
    assert.match(stdout, /Runbook: +operations\/new-account\.md#manual-path/);
    assert.deepEqual(await operationsOn(polo, accountId), []);

    const options = { workflowId, taskQueue, args: [] as [] };
    const result = await polo.client.workflow.execute<() => Promise<OnboardAccountResult>>(workflowType, options);
    assert.deepEqual([result.accountId, result.outcome], [accountId, 'promoted']);
  });
});
