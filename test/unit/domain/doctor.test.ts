import assert from 'node:assert/strict';
import type { SetupCheck } from '../../../domain/contract.ts';
import {
  checkLines,
  countsLine,
  diagnosisOf,
  judgeAccountList,
  judgeExternalId,
  judgeFailure,
  judgeNoRole,
  judgeNoWorker,
  judgeOrganization,
  judgeRegistry,
  judgeRoles,
  judgeSchedule,
  judgeSilentWorker,
  judgeStackSet,
  judgeTemporal,
  judgeWorker,
  notChecked,
  type SeenSchedule,
  type Verdict,
} from '../../../domain/doctor.ts';
import { DURATIONS } from '../../../domain/durations.ts';
import { FAILURES, runbookAnchor, type FailureCode } from '../../../domain/failures.ts';
import type { Settings } from '../../../domain/settings.ts';
import type { RoleOutcome } from '../../../domain/status.ts';
import { HOUR } from '../../../domain/times.ts';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const ago = (milliseconds: number): string => new Date(NOW - milliseconds).toISOString();

const ACCOUNT = { accountId: '012345678901', accountName: 'payments-production' };
const ORGANIZATION = { id: 'o-a1b2c3d4e5', managementAccountId: '111122223333' };
const SETTINGS: Settings = {
  durations: DURATIONS,
  readRoleName: 'test-PoloReadRole',
  externalId: true,
  stackSet: { name: 'test-polo-roles', region: 'us-east-1', callAs: 'SELF' },
  tags: true,
  slack: false,
  heartbeat: false,
};
const SCHEDULE: SeenSchedule = {
  paused: false,
  note: 'Kept by the Polo worker.',
  nextRuns: ['2026-11-23T03:17:00.000Z'],
  lastRuns: [{ at: '2026-11-21T03:17:00.000Z' }, { at: '2026-11-22T03:17:00.000Z' }],
};
const WORKS: RoleOutcome = { outcome: 'works' };
const REFUSED: RoleOutcome = { outcome: 'refused', message: 'AccessDenied: no' };
const UNSURE: RoleOutcome = { outcome: 'inconclusive', message: 'Throttling: Rate exceeded' };

/** Every verdict that is not well, by its status. */
const NOT_WELL: Record<'warning' | 'failure', Verdict[]> = {
  warning: [
    judgeAccountList(null, NOW),
    judgeAccountList(ago(27 * HOUR), NOW),
    judgeNoRole(),
    judgeRoles(ACCOUNT, { read: WORKS, action: REFUSED }),
    judgeRoles(ACCOUNT, { read: WORKS, action: UNSURE }),
    judgeExternalId(false),
    judgeSchedule('polo-weekly-digest', { ...SCHEDULE, paused: true }),
    judgeSchedule('polo-weekly-digest', { ...SCHEDULE, nextRuns: [] }),
  ],
  failure: [
    judgeNoWorker('polo-accounts', 'default', undefined),
    judgeSilentWorker('polo-accounts', 3_000, 30_000),
    judgeOrganization(ORGANIZATION, 'o-another000'),
    judgeStackSet(SETTINGS, 'SELF_MANAGED'),
    judgeRoles(ACCOUNT, { read: REFUSED, action: WORKS }),
    judgeRoles(ACCOUNT, { read: UNSURE }),
    judgeSchedule('polo-weekly-digest', undefined),
    ...(Object.keys(FAILURES) as FailureCode[]).map((code) => judgeFailure({ code, message: 'x' })),
  ],
};

describe('the doctor', () => {
  it('is content with what is as it should be', () => {
    const found = [
      judgeTemporal('127.0.0.1:7233', 'default'),
      judgeWorker('polo-accounts'),
      judgeRegistry(),
      judgeAccountList(ago(25 * HOUR), NOW),
      judgeOrganization(ORGANIZATION, ORGANIZATION.id),
      judgeOrganization(ORGANIZATION, undefined),
      judgeStackSet(SETTINGS, 'SERVICE_MANAGED'),
      judgeRoles(ACCOUNT, { read: WORKS, action: WORKS }),
      judgeRoles(ACCOUNT, { read: WORKS }),
      judgeExternalId(true),
      judgeSchedule('polo-weekly-digest', SCHEDULE),
      judgeSchedule('polo-weekly-digest', { ...SCHEDULE, lastRuns: [] }),
    ];
    for (const verdict of found) assert.deepEqual(Object.keys(verdict), ['status', 'found'], verdict.found);
    assert.deepEqual([...new Set(found.map(({ status }) => status))], ['ok']);
  });

  for (const [status, verdicts] of Object.entries(NOT_WELL)) {
    it(`has a next step and a place in the runbooks for every ${status}`, () => {
      for (const verdict of verdicts) {
        assert.equal(verdict.status, status, verdict.found);
        assert.match(verdict.nextStep ?? '', /^\S.{10,}/, verdict.found);
        assert.match(verdict.runbook ?? '', /^operations\/[\w-]+\.md#[\w-]+$/, verdict.found);
      }
    });
  }

  it('sends failures of our table to their own heading, with code and message', () => {
    const { found, runbook } = judgeFailure({ code: 'StackSetMissing', message: 'StackSet x: not found' });
    assert.deepEqual([found, runbook], ['StackSetMissing: StackSet x: not found', runbookAnchor('StackSetMissing')]);
    assert.match(judgeOrganization(ORGANIZATION, 'o-another000').found, /^WrongOrganization: .*o-another000.*o-a1b2c3/);
  });

  it('tells ages, names and what AWS said', () => {
    const found = [
      judgeAccountList(ago(25 * HOUR), NOW),
      judgeAccountList(ago(72 * HOUR), NOW),
      judgeRoles(ACCOUNT, { read: WORKS, action: REFUSED }),
      judgeNoWorker('polo-accounts', 'default', 90_400),
      judgeSilentWorker('polo-accounts', 3_000, 30_000),
    ].map((verdict) => verdict.found);
    assert.deepEqual(found, [
      '25 h old',
      '3 days old: the last discoveries did not complete',
      'payments-production (012345678901): read role works, action role refused: AccessDenied: no',
      'none polls task queue polo-accounts in namespace default (the last one polled it 90 s ago)',
      'one polled task queue polo-accounts 3 s ago, and did not do these checks within 30 s',
    ]);
  });

  it('says of a schedule when it ran and runs next, and why it is paused', () => {
    const found = [
      SCHEDULE,
      { ...SCHEDULE, lastRuns: [] },
      { ...SCHEDULE, paused: true, note: 'migration' },
      { ...SCHEDULE, paused: true, note: '' },
    ].map((schedule) => judgeSchedule('polo-weekly-digest', schedule).found);
    assert.deepEqual(found, [
      'last run 2026-11-22 03:17Z, next 2026-11-23 03:17Z',
      'has not run yet, next 2026-11-23 03:17Z',
      'paused (migration), last run 2026-11-22 03:17Z',
      'paused, last run 2026-11-22 03:17Z',
    ]);
  });

  it('takes the status of the worst check, warnings being no failure', () => {
    const named = (...verdicts: Verdict[]): SetupCheck[] => verdicts.map((verdict) => ({ name: 'Any', ...verdict }));
    const [well, warned, failed] = [judgeRegistry(), judgeNoRole(), judgeSchedule('x', undefined)];
    assert.equal(diagnosisOf(named(well)).status, 'ok');
    assert.equal(diagnosisOf(named(well, warned)).status, 'warning');
    assert.equal(diagnosisOf(named(notChecked('y'), failed, warned)).status, 'failure');
    assert.equal(countsLine(named(well, well)), '2 ok');
    assert.equal(
      countsLine(named(failed, warned, warned, notChecked('y'), well)),
      '1 failure, 2 warnings, 1 not checked, 1 ok',
    );
  });

  it('writes a check as a line, and below it what more there is to say', () => {
    assert.deepEqual(checkLines({ name: 'Registry', ...judgeRegistry() }), [
      '✓ Registry: answers, its tables are as Polo needs them',
    ]);
    assert.deepEqual(checkLines({ name: 'StackSet', ...notChecked('no worker answers') }), [
      '- StackSet: not checked: no worker answers',
    ]);
    const [first, ...more] = checkLines({
      name: 'Registry',
      ...judgeFailure({ code: 'RegistryShape', message: 'Differences:\n- one\n- two' }),
    });
    assert.equal(first, '✗ Registry: RegistryShape: Differences:');
    assert.deepEqual(more.slice(0, 2), ['    - one', '    - two']);
    assert.match(more[2] ?? '', /^ {4}Next: check CLICKHOUSE_URL/);
    assert.equal(more[3], '    Runbook: operations/failures.md#registry-shape');
  });
});
