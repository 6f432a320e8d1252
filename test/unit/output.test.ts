import assert from 'node:assert/strict';
import {
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { accountsTable, historyTable } from '../../client/accounts.ts';
import { coverageText } from '../../client/coverage.ts';
import { discoveryText } from '../../client/discovery.ts';
import { doctorText } from '../../client/doctor.ts';
import { CommandError, failureOf, RunFailed } from '../../client/failures.ts';
import { instructionsText, onboardingsText, onboardingText } from '../../client/onboarding.ts';
import { clean, cut, cutInside, minute, table, toJson, widthOf } from '../../client/output.ts';
import { howToFollow } from '../../client/temporal.ts';
import { ConfigurationError } from '../../configuration.ts';
import type {
  AccountFailure,
  AccountRow,
  Coverage,
  CoverageGap,
  DiscoverAccountsResult,
  OnboardAccountResult,
} from '../../domain/contract.ts';
import { setupInstructions, type SetupSite } from '../../domain/setup.ts';
import { logLine } from '../../worker/logging.ts';

const row = (fields: Partial<AccountRow> = {}): AccountRow => ({
  account_id: '111122223333',
  account_name: 'payments-prod',
  account_email: 'payments@example.com',
  org_unit: '/Workloads/Production',
  polo_status: 'active',
  polo_read_role: 'arn:aws:iam::111122223333:role/test-PoloReadRole',
  polo_action_role: '',
  last_successful_scan: '2026-11-22T10:11:12.000Z',
  last_scan_error: '',
  account_role: '',
  owner: '',
  discovered_at: '2026-11-01T00:00:00.000Z',
  updated_at: '2026-11-22T00:00:00.000Z',
  _version: '1795305600000',
  ...fields,
});

/** An escape sequence, a line break, text that runs backwards, C1 and zero-width characters. */
const HOSTILE = 'a\u001b[31m\n\r\u202eb\u009b\u200bc\ud800';

describe('output for people', () => {
  it('shows control characters instead of sending them', () => {
    assert.equal(clean(HOSTILE), 'a\\u{1b}[31m\\u{a}\\u{d}\\u{202e}b\\u{9b}\\u{200b}c\\u{d800}');
    assert.equal(clean('Zürich 日本 🚀 e\u0301'), 'Zürich 日本 🚀 e\u0301');
  });

  it('knows how many columns a text takes', () => {
    assert.deepEqual(['abc', 'Zürich', 'e\u0301', '日本', '🚀', ''].map(widthOf), [3, 6, 1, 4, 2, 0]);
  });

  it('cuts text to a width, never in the middle of a character', () => {
    assert.equal(cut('payments', 8), 'payments');
    assert.equal(cut('payments', 5), 'paym…');
    assert.equal(cut('日本語', 4), '日…');
    assert.equal(cut('e\u0301e\u0301e\u0301', 2), 'e\u0301…');
  });

  it('cuts a line of progress in its middle, where its end is what changes', () => {
    assert.equal(cutInside('payments', 8), 'payments');
    assert.equal(cutInside('waiting for abcdefgh, 3 s, RUNNING', 30), 'waiting for abcdefg…s, RUNNING');
    assert.equal(cutInside('日本語日本語', 7), '日本…語');
  });

  it('aligns tables by columns on the terminal', () => {
    assert.equal(
      table(
        ['NAME', 'N'],
        [
          ['日本', '1'],
          ['abcdef', '22'],
        ],
      ),
      ['NAME    N', '日本    1', 'abcdef  22'].join('\n'),
    );
  });

  it('cuts the lines of a table to the terminal', () => {
    const text = table(['NAME', 'WHY'], [['payments', 'read role refused: AccessDenied']], 20);
    assert.deepEqual(text.split('\n'), ['NAME      WHY', 'payments  read role…']);
  });

  it('writes times to the minute, and never', () => {
    assert.equal(minute('2026-11-22T10:11:12.000Z'), '2026-11-22 10:11Z');
    assert.equal(minute(null), 'never');
  });

  it('lists accounts, those never scanned too', () => {
    const rows = [
      row(),
      row({
        account_id: '000000000001',
        account_name: 'new',
        org_unit: '/',
        polo_status: 'pending_setup',
        last_successful_scan: null,
        last_scan_error: 'roles not deployed',
      }),
    ];
    assert.deepEqual(accountsTable(rows).split('\n'), [
      'ACCOUNT       NAME           ORG UNIT               STATUS         LAST SCAN          WHY',
      '111122223333  payments-prod  /Workloads/Production  active         2026-11-22 10:11Z',
      '000000000001  new            /                      pending_setup  never              roles not deployed',
    ]);
    assert.equal(accountsTable([]), '');
  });

  it('cuts names of accounts and units on a terminal, so that there is room for why', () => {
    const long = row({
      account_name: 'n'.repeat(30),
      org_unit: `/${'u'.repeat(30)}`,
      last_scan_error: 'read role refused',
    });
    const [, line = ''] = accountsTable([long], 110).split('\n');
    assert.equal(
      line,
      `111122223333  ${'n'.repeat(17)}…  /${'u'.repeat(16)}…  active  2026-11-22 10:11Z  read role refused`,
    );
  });

  it('keeps an account on its own line, whatever its name', () => {
    const text = accountsTable([row({ account_name: HOSTILE })]);
    assert.equal(text.split('\n').length, 2);
    assert.equal(clean(text.replaceAll('\n', '')), text.replaceAll('\n', ''));
  });

  it('tells an account’s history', () => {
    const event = {
      event_id: 'c/status_changed',
      account_id: '111122223333',
      at: '2026-11-22T10:11:12.000Z',
      kind: 'excluded',
      from_status: 'active',
      to_status: 'excluded',
      reason: 'being closed',
      actor: 'ops',
      until: '2027-01-31T23:59:59.999Z',
      workflow_id: 'w',
      run_id: 'r',
    };
    assert.deepEqual(historyTable([event]).split('\n'), [
      'AT                 WHAT      STATUS              BY   UNTIL              REASON',
      '2026-11-22 10:11Z  excluded  active -> excluded  ops  2027-01-31 23:59Z  being closed',
    ]);
  });

  const gap: CoverageGap = {
    account_id: '111122223333',
    account_name: 'payments-prod',
    polo_status: 'active',
    last_scan_error: 'scan ecs: timeout',
    hours_since_scan: 30,
    reason: 'stale',
    since: '2026-11-22T04:00:00.000Z',
    nextStep: 'look',
  };
  const coverage: Coverage = {
    generatedAt: '2026-11-22T10:00:00.000Z',
    status: 'gaps',
    sentence: '1 of 2 accounts are not covered.',
    total: 2,
    covered: 1,
    excluded: 0,
    lastCompleteDiscoveryAt: '2026-11-22T03:17:00.000Z',
    accountsByStatus: { active: 2, pending_setup: 0, no_access: 0, excluded: 0 },
    gapsByReason: { no_access: 0, pending_setup: 0, stale: 1, never_scanned: 0, action_role_refused: 0 },
    gaps: [gap],
    lesserGaps: [],
  };

  it('says coverage in a sentence, then the gaps', () => {
    assert.deepEqual(coverageText(coverage).split('\n'), [
      '1 of 2 accounts are not covered.',
      '',
      'ACCOUNT       NAME           REASON  LAST SCAN  SINCE              WHY',
      '111122223333  payments-prod  stale   30 h ago   2026-11-22 04:00Z  scan ecs: timeout',
      '    Next: look',
    ]);
  });

  it('cuts why to the terminal, and never what to do', () => {
    const nextStep = `look at it ${HOSTILE} ${'again '.repeat(20)}`;
    const [, , , row = '', next] = coverageText({ ...coverage, gaps: [{ ...gap, nextStep }] }, 75).split('\n');
    assert.match(row, /^111122223333 .* {2}scan ec…$/);
    assert.equal(next, `    Next: ${clean(nextStep)}`);
  });

  it('says that Slack could not be told', () => {
    const slackFailure = { at: '2026-11-22T09:07:00.000Z', message: HOSTILE };
    assert.match(
      coverageText({ ...coverage, slackFailure }),
      /^1 of 2 .*\nSlack has not been told of changes since 2026-11-22 09:07 UTC: a\\u\{1b\}/,
    );
  });

  it('keeps lesser gaps apart', () => {
    const lesser: CoverageGap = { ...gap, reason: 'action_role_refused' };
    const text = coverageText({ ...coverage, gaps: [], lesserGaps: [lesser], sentence: HOSTILE });
    assert.match(text, /^a\\u\{1b\}.*\n\nLesser gaps:\nACCOUNT .*\n111122223333 .*action_role_refused/);
  });

  const discovery: DiscoverAccountsResult = {
    listed: 3,
    new: 1,
    active: 1,
    pendingSetup: 1,
    noAccess: 0,
    excluded: 0,
    failed: 1,
    inconclusive: 0,
    departed: 0,
    complete: false,
    changes: [
      { accountId: '000000000001', accountName: 'new', from: '', to: 'pending_setup', reason: 'roles not deployed' },
      { accountId: '111122223333', accountName: 'payments-prod', from: 'no_access', to: 'active', reason: '' },
    ],
    failures: [
      { accountId: '000000000002', accountName: '', code: 'RolesUnverified', message: 'throttled' },
      { accountId: '', accountName: '', code: 'ListingFailed', message: 'page 7: 500' },
    ],
    startedAt: '2026-11-22T03:17:00.000Z',
    finishedAt: '2026-11-22T03:18:00.000Z',
  };

  it('tells a discovery by name, with runbooks', () => {
    assert.deepEqual(discoveryText(discovery).split('\n'), [
      'Discovery NOT complete: 3 accounts handled, 1 active, 1 pending setup, 0 no access, 0 excluded, 1 new, 1 failed.',
      '',
      'Changes:',
      '  new (000000000001): new -> pending_setup (roles not deployed)',
      '  payments-prod (111122223333): no_access -> active',
      '',
      'Failures:',
      '  000000000002: RolesUnverified: throttled',
      '  ListingFailed: page 7: 500',
      '',
      'Runbooks:',
      '  operations/failures.md#verification-inconclusive',
      '  operations/failures.md#listing-failed',
    ]);
  });

  it('says that a dry run wrote nothing', () => {
    const text = discoveryText({ ...discovery, complete: true, failures: [] }, true);
    assert.match(text, /^Discovery complete \(dry run, nothing was written\): .*\n\nWould change:\n/);
    assert.doesNotMatch(text, /Failures|Runbooks/);
  });

  const onboarding: OnboardAccountResult = {
    accountId: '000000000001',
    outcome: 'promoted',
    poloStatus: 'active',
    operationId: 'onboard-000000000001-r-1',
    readRoleArn: 'arn:aws:iam::000000000001:role/test-PoloReadRole',
    actionRoleArn: '',
    startedAt: '2026-11-22T03:17:00.000Z',
    finishedAt: '2026-11-22T03:20:00.000Z',
  };

  it('tells by which StackSet operation an account got its roles, or that they were there', () => {
    assert.equal(onboardingText(onboarding), '000000000001: active (StackSet operation onboard-000000000001-r-1)');
    const { operationId, ...deployedBefore } = onboarding;
    assert.ok(operationId);
    assert.equal(onboardingText(deployedBefore), '000000000001: active (the roles were deployed already)');
  });

  it('says of an account that was active before that nothing was done', () => {
    assert.equal(
      onboardingText({ ...onboarding, outcome: 'already_active' }),
      '000000000001: already active, nothing was done',
    );
  });

  it('tells many onboardings by count, then what failed, and each runbook once', () => {
    const failures: AccountFailure[] = [
      { accountId: '000000000002', accountName: 'payments', code: 'RoleNameTaken', message: 'the role exists' },
      { accountId: '000000000003', accountName: '', code: 'OperationFailed', message: 'throttled' },
      { accountId: '000000000004', accountName: HOSTILE, code: 'OperationFailed', message: HOSTILE },
    ];
    const text = onboardingsText({ requested: 5, active: 2, failed: 3, failures });
    assert.deepEqual(text.split('\n'), [
      '5 accounts requested: 2 active, 3 failed.',
      '',
      'Failures:',
      '  payments (000000000002): RoleNameTaken: the role exists',
      '  000000000003: OperationFailed: throttled',
      `  ${clean(HOSTILE)} (000000000004): OperationFailed: ${clean(HOSTILE)}`,
      '',
      'Runbooks:',
      '  operations/failures.md#role-name-taken',
      '  operations/failures.md#operation-failed',
    ]);
  });

  it('names an account once, though the message begins with its name', () => {
    const message = 'payments (000000000002): StackSet operation x: FAILED';
    const failure = { accountId: '000000000002', accountName: 'payments', code: 'OperationFailed', message };
    assert.match(
      onboardingsText({ requested: 1, active: 0, failed: 1, failures: [failure] }),
      /^ {2}payments \(000000000002\): OperationFailed: StackSet operation x: FAILED$/m,
    );
  });

  it('says why where there was nothing to onboard', () => {
    const nothing = { requested: 0, active: 0, failed: 0, failures: [] };
    assert.match(onboardingsText(nothing, { allPending: true }), /^Nothing to onboard: .* none is pending_setup\.$/);
    assert.match(onboardingsText(nothing, { orgUnit: '/A' }), / none in \/A is pending_setup or no_access\.$/);
  });

  it('says only the counts where no onboarding failed', () => {
    assert.equal(
      onboardingsText({ requested: 2, active: 2, failed: 0, failures: [] }),
      '2 accounts requested: 2 active, 0 failed.',
    );
  });

  it('prints the ways to set an account up, each ready to be copied from a line of its own', () => {
    const site: SetupSite = {
      namespace: 'polo',
      taskQueue: 'q',
      temporalUiUrl: 'https://ui',
      stackSet: { name: 'test-polo-roles', region: 'eu-central-1', callAs: 'SELF' },
    };
    const ways = setupInstructions('000000000001', site);
    const lines = instructionsText('000000000001', ways).split('\n');
    assert.equal(lines[0], '000000000001:');
    for (const way of [ways.temporalUi, ways.cli, ...ways.awsCli, ways.runbook]) {
      assert.equal(lines.filter((line) => way !== undefined && line.endsWith(` ${way}`)).length, 1, way);
    }
    const { temporalUi, ...others } = ways;
    assert.ok(temporalUi);
    assert.equal(
      instructionsText('000000000001', others),
      lines.filter((line) => !line.includes('Temporal UI')).join('\n'),
    );
  });

  it('tells what the doctor found, next step and runbook below it, and counts', () => {
    const text = doctorText({
      status: 'failure',
      checks: [
        { name: 'Registry', status: 'failure', found: 'two\nlines', nextStep: 'mend it', runbook: 'operations/x.md' },
        { name: 'AssumeRole', status: 'ok', found: HOSTILE },
      ],
    });
    assert.deepEqual(text.split('\n'), [
      '✗ Registry: two',
      '    lines',
      '    Next: mend it',
      '    Runbook: operations/x.md',
      `✓ AssumeRole: ${clean(HOSTILE.split('\n')[0] ?? '')}`,
      `    ${clean(HOSTILE.split('\n')[1] ?? '')}`,
      '',
      '1 failure, 1 ok.',
    ]);
  });

  it('says how to follow what goes on', () => {
    const temporal = { connectionOptions: { address: 'localhost:7233' }, namespace: 'polo' };
    const configuration = {
      taskQueue: 'q',
      crons: { discovery: '', coverage: '', digest: '' },
      temporal,
      temporalUiUrl: 'https://ui',
    };
    assert.deepEqual(howToFollow(['verify-account/1/x'], configuration).slice(1), [
      '  temporal workflow show --follow --namespace polo --workflow-id verify-account/1/x',
      '  https://ui/namespaces/polo/workflows/verify-account%2F1%2Fx',
    ]);
  });
});

describe('output for programs', () => {
  it('is the data itself, with nothing unprintable in it', () => {
    const rows = [row({ account_name: HOSTILE + '🚀\u{e0041}' })];
    const text = toJson(rows);
    assert.deepEqual(JSON.parse(text), rows);
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  });
});

describe('a failure of the command line', () => {
  const failed = (reason: Error): unknown => new RunFailed('discover-accounts', reason);

  it('has the code of the workflow’s failure, and exits with 1', () => {
    assert.deepEqual(failureOf(failed(ApplicationFailure.nonRetryable('all refused', 'HubRefused'))), {
      code: 'HubRefused',
      message: 'all refused',
      exitCode: 1,
    });
  });

  it('has the code of a child’s failure', () => {
    const inner = ApplicationFailure.nonRetryable('ended early', 'ListingFailed');
    const execution = { workflowId: 'discover-accounts', runId: 'r' };
    const child = new ChildWorkflowFailure(
      'ns',
      execution,
      'discoverAccounts',
      RetryState.NON_RETRYABLE_FAILURE,
      inner,
    );
    assert.equal(failureOf(failed(child)).code, 'ListingFailed');
  });

  it('exits with 2 for input and configuration, 3 for Temporal', () => {
    assert.equal(failureOf(failed(ApplicationFailure.nonRetryable('bad', 'InvalidInput'))).exitCode, 2);
    assert.equal(failureOf(new ConfigurationError(['a: expected b, got c'])).exitCode, 2);
    assert.equal(failureOf(new CommandError('TemporalUnreachable', 'no answer', 3)).exitCode, 3);
  });

  it('has a code for everything', () => {
    assert.equal(failureOf(failed(new CancelledFailure('cancelled'))).code, 'Cancelled');
    assert.equal(failureOf(failed(new TerminatedFailure('terminated'))).code, 'Terminated');
    assert.equal(failureOf(failed(new TimeoutFailure('late', undefined, 'START_TO_CLOSE'))).code, 'TimedOut');
    assert.equal(failureOf('?').code, 'Unexpected');
    assert.equal(failureOf(new Error('?')).exitCode, 1);
  });
});

describe('a workflow that ended without a result', () => {
  for (const [reason, what] of [
    [new CancelledFailure('cancelled'), /but somebody cancelled it\. Next: see in the Temporal UI who did, /],
    [new TerminatedFailure('terminated'), /but somebody terminated it\. Next: /],
    [new TimeoutFailure('late', undefined, 'START_TO_CLOSE'), /but its time ran out\. Next: polo-accounts doctor\.$/],
    [new Error('worker bug'), /but it failed: worker bug\. Next: /],
    [undefined, /but it failed: Temporal does not say why\. Next: /],
  ] as const) {
    it(`is named, with what to do: ${reason?.name ?? 'no reason'}`, () => {
      const { message, exitCode } = failureOf(new RunFailed('discover-accounts', reason));
      assert.match(message, /^discover-accounts: expected a result, /);
      assert.match(message, what);
      assert.equal(exitCode, 1);
    });
  }
});

describe('a log line', () => {
  const line = (message: string, meta?: object): Record<string, unknown> =>
    JSON.parse(
      logLine({ level: 'WARN', timestampNanos: 1_795_305_600_000_000_000n, message, ...(meta && { meta }) }),
    ) as never;

  it('is one line of JSON', () => {
    assert.equal(
      logLine({ level: 'INFO', timestampNanos: 1_795_305_600_000_000_000n, message: 'a\nb' }),
      '{"time":"2026-11-22T00:00:00.000Z","level":"info","message":"a\\nb"}',
    );
  });

  it('names account, workflow and run, and leaves the task token out', () => {
    const { account, workflowId, runId } = line('m', { workflowId: 'account/111122223333', runId: 'r' });
    assert.deepEqual([account, workflowId, runId], ['111122223333', 'account/111122223333', 'r']);
    const activity = line('m', { workflowId: 'discover-accounts', workflowRunId: 'r', taskToken: 't', attempt: 2 });
    assert.deepEqual([activity['account'], activity['runId'], activity['attempt']], [undefined, 'r', 2]);
    assert.equal('taskToken' in activity, false);
  });

  it('survives bigints, errors and circles', () => {
    const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), { $response: { secret: 1 } });
    const logged = line('m', { big: 12n, error });
    assert.equal(logged['big'], '12');
    const { type, message, stack, cause, ...rest } = logged['error'] as Record<string, { message?: string }>;
    assert.deepEqual(
      [type, message, typeof stack, cause?.message, rest],
      ['TypeError', 'outer', 'string', 'inner', {}],
    );
    const circle: { self?: object } = {};
    circle.self = circle;
    assert.match(String(line('round', circle)['message']), /round/);
  });

  it('hides what looks like an AWS access key, wherever it stands', () => {
    for (const key of ['ASIAABCDEFGHIJKLMNOP', 'AKIAABCDEFGHIJKLMNOP']) {
      const text = logLine({ level: 'INFO', timestampNanos: 0n, message: `\n${key}`, meta: { [key]: [key] } });
      assert.doesNotMatch(text, /ABCDEFGHIJKLMNOP/);
    }
  });
});
